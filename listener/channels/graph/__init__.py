"""What Facebook and Instagram share: Meta's Graph API, its webhooks, its messages. No channel by itself."""
