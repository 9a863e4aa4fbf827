"""What the Etsy tests share."""

from collections.abc import Callable

from listener.channels.etsy import EtsyChannel

OpenChannel = Callable[..., EtsyChannel]
