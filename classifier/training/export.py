"""From a fitted network to the files that ship: encoder and pooling in one ONNX graph, in 8-bit integers, loaded once to prove it."""

import tempfile
import warnings
from pathlib import Path
from typing import Final

import onnx
import torch
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions

from classifier.encoder import OUTPUTS
from classifier.training.network import MentionNetwork, PooledEncoder

INPUTS: Final = ("input_ids", "attention_mask")
OPSET: Final = 17


def export_encoder(network: MentionNetwork, target: Path) -> None:
    """Write the 8-bit graph to ``target``."""
    network.eval()
    with tempfile.TemporaryDirectory() as folder:
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        _export(network.encoder, plain)
        config = network.encoder.bert.config
        fusion = FusionOptions("bert")
        fusion.enable_embed_layer_norm = False  # fused, the table of embeddings would stay in single precision
        graph = optimizer.optimize_model(
            str(plain),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            optimization_options=fusion,
        )
        graph.save_model_to_file(str(fused))
        quantize_dynamic(
            fused,
            target,
            op_types_to_quantize=["MatMul", "Attention", "Gather"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},  # the fused operators hide their types
        )
    InferenceSession(target, providers=["CPUExecutionProvider"])  # a graph that it refuses must not leave this room


def _export(encoder: PooledEncoder, target: Path) -> None:
    encoder.bert.set_attn_implementation("eager")
    sample = torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    dynamic = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about itself
        torch.onnx.export(
            encoder.eval(),
            (sample, mask),
            str(target),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={INPUTS[0]: dynamic, INPUTS[1]: dynamic, **{name: {0: "texts"} for name in OUTPUTS}},
            opset_version=OPSET,
            dynamo=False,
        )
