"""Who writes drafts: the built-in composer alone, with what was approved before it, or with a language model on top of it."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from config.chat_settings import ChatServerSettings


class DrafterSettings(ChatServerSettings):
    """Drafts."""

    backend: Literal["composer", "approved", "server", "transformers"] = Field(
        "composer",
        description="`composer`: playbooks only, no text leaves. `approved`: the same, and what was approved for a nearly identical case stands first. `server`: a language model on an OpenAI-compatible server rewords. `transformers`: one on this machine (extra `torch`).",
    )
    model: str = Field("", description="Name of the model on the server; for `transformers` a folder, or a GGUF file.")
    api_key: SecretStr = Field(
        SecretStr(""), description='Key, if the server wants one. Better: `api_key_file = "secrets/drafter"`.'
    )
    daily_calls: int = Field(1000, ge=0, description="Requests in one day (UTC) at most; 0: no cap.")
    timeout_seconds: float = Field(30, gt=0, le=120, description="The composer's draft stays when it takes longer.")
    mask: bool = Field(
        True,
        description="Names, handles, numbers and addresses are replaced before a text leaves. `false` only for a server of your own.",
    )

    @model_validator(mode="after")
    def _name_backend(self) -> Self:
        if self.backend == "server" and not self.base_url:
            msg = "backend = \"server\" needs 'base_url' and 'model' beside it."
            raise ValueError(msg)
        if self.backend == "transformers" and not self.model:
            msg = "backend = \"transformers\" needs 'model' beside it: a folder, or a GGUF file."
            raise ValueError(msg)
        return self
