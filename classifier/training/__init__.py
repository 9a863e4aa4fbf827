"""Making the shipped model: base encoder, corpus, fine-tuning, distillation, calibration, export. For developers (``[torch]``)."""
