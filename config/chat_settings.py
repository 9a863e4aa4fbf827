"""What is set of a language model on an OpenAI-compatible server, whatever it is asked for."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section


class ChatServerSettings(Section):
    """A server, and how much it may be used."""

    base_url: str = Field(
        "",
        description="Address of an OpenAI-compatible server, up to and with `/v1`. Empty: nobody is asked and no text leaves.",
    )
    model: str = Field("", description="Name of the model there.")
    api_key: SecretStr = Field(SecretStr(""), description="Key, if the server wants one.")
    daily_calls: int = Field(500, ge=0, description="Texts asked about in one day (UTC) at most; 0: no cap.")
    daily_tokens: int = Field(0, ge=0, description="Tokens used in one day (UTC) before it stops; 0: no cap.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on the server after this long.")

    @field_validator("base_url")
    @classmethod
    def _know_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            msg = "must begin with https:// or http://."
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _name_model(self) -> Self:
        if self.base_url and not self.model:
            msg = "base_url needs 'model' beside it: the model's name on that server."
            raise ValueError(msg)
        return self


class SecondOpinionSettings(ChatServerSettings):
    """A language model asked about doubtful texts."""

    api_key: SecretStr = Field(
        SecretStr(""), description='Key, if the server wants one. Better: `api_key_file = "secrets/second_opinion"`.'
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="The first answer stays when the server takes longer.")
