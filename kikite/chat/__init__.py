"""Language models behind the port ``ChatModel``: any OpenAI-compatible server, or one on this machine by transformers.

The one client of the product (docs/adr/0010): stages get it handed in and know only the port.
"""
