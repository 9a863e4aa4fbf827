"""What a site's refusals mean, told as our errors with a remedy. A site is WordPress, what hosts it, and what protects it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.woocommerce.answers import Answer
from listener.retry_after import read_retry_after

REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS, UNAUTHORIZED, NOT_FOUND = 408, 429, 500, 401, 404
MOVED: Final = range(300, 400)
FLOOD_SECONDS: Final = 15.0
"""WordPress lets one user write one comment in so long."""
SURELY_UNDONE: Final = frozenset({401, 404, 405, 410, 411, 413, 414, 415})
"""A refusal without WordPress' words that comes before WordPress. Others (403, 406) may be a filter that saw only its answer."""

KEY: Final = (
    "Compare both halves of the key with WooCommerce, Settings, Advanced, REST API. Some hosts drop the Authorization header: "
    "ask yours."
)
NEW_SIGN_IN: Final = (
    "Make a new application password in the user's profile and put it into secrets.application_password."
)
ROLE: Final = (
    "Give the user the role of a shop manager: writing and finding our answers needs the right to moderate comments."
)
GUARD: Final = "Let the security plugin or the host's firewall pass this machine to /wp-json/."


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a refusal in WordPress' own words means."""

    message: str
    code: str
    remedy: str


GONE: Final = Meaning(message="It is not there any more.", code="gone", remedy="Look at the shop.")
PRODUCT_GONE: Final = Meaning(
    message="The product is not published any more.", code="product_gone", remedy="Look at the product in WordPress."
)
BAD_PASSWORD: Final = Meaning(
    message="WordPress does not take the application password.", code="password_refused", remedy=NEW_SIGN_IN
)
NO_RIGHT: Final = Meaning(message="The WordPress user lacks a right.", code="missing_right", remedy=ROLE)
BAD_KEY: Final = Meaning(message="WooCommerce does not take the key.", code="key_refused", remedy=KEY)
NO_API: Final = Meaning(
    message="The site does not offer this part of its interface.",
    code="unsupported",
    remedy="Check options.site, that WooCommerce is active, and that permalinks are not 'Plain'.",
)
MEANINGS: Final[Mapping[str, Meaning]] = {
    "rest_no_route": NO_API,
    "rest_disabled": NO_API,
    "woocommerce_rest_review_invalid_id": GONE,
    "woocommerce_rest_product_invalid_id": PRODUCT_GONE,
    "woocommerce_rest_invalid_id": GONE,
    "rest_comment_invalid_id": GONE,
    "rest_comment_invalid_post_id": PRODUCT_GONE,
    "rest_comment_trash_post": PRODUCT_GONE,
    "rest_comment_draft_post": PRODUCT_GONE,
    "rest_cannot_read_post": PRODUCT_GONE,
    "woocommerce_rest_authentication_error": BAD_KEY,
    "woocommerce_rest_cannot_view": BAD_KEY,
    "incorrect_password": BAD_PASSWORD,
    "invalid_username": BAD_PASSWORD,
    "invalid_email": BAD_PASSWORD,
    "rest_not_logged_in": BAD_PASSWORD,
    "rest_comment_login_required": BAD_PASSWORD,
    "application_passwords_disabled": BAD_PASSWORD,
    "application_passwords_disabled_for_user": BAD_PASSWORD,
    "rest_forbidden_param": NO_RIGHT,
    "rest_forbidden_context": NO_RIGHT,
    "rest_cannot_read": NO_RIGHT,
    "rest_comment_closed": Meaning(
        message="Reviews of this product are closed.",
        code="closed",
        remedy="Open them in the product's settings, or answer in WordPress under Products, Reviews.",
    ),
    "rest_comment_content_invalid": Meaning(message="The text is empty.", code="empty", remedy="Write something."),
    "comment_content_column_length": Meaning(message="The text is too long.", code="too_long", remedy="Shorten it."),
    "comment_duplicate": Meaning(
        message="WordPress has this very comment already.", code="duplicate", remedy="Look below the review by hand."
    ),
}


def explain_refusal(answer: Answer, *, host: str, sends: bool, now: datetime) -> ChannelError:
    """Return the error for an answer that is no success. ``sends``: the request makes something appear."""
    wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
    if answer.status == TOO_MANY or answer.code == "comment_flood":
        seconds = wait or (FLOOD_SECONDS if answer.code else None)
        return RetryableError(f"{host} asks us to wait.", code="rate_limited", retry_after_seconds=seconds)
    if answer.status >= SERVER_ERRORS or answer.status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"{host} failed during a send ({answer.status}).", code="server_error")
        return RetryableError(
            f"{host} has trouble or is being maintained ({answer.status}).",
            code="server_error",
            retry_after_seconds=wait,
        )
    if answer.status in MOVED:
        return PermanentError(
            f"{host} sends us elsewhere, where our keys do not go.",
            code="moved",
            remedy="Write the address that a browser ends at into options.site (www or not, https).",
        )
    return _explain_no(answer, host=host, sends=sends)


def _explain_no(answer: Answer, *, host: str, sends: bool) -> ChannelError:
    meaning = MEANINGS.get(answer.code)
    if meaning is not None:
        return PermanentError(meaning.message, code=meaning.code, remedy=meaning.remedy)
    if answer.code:
        code = "key_refused" if answer.status == UNAUTHORIZED else "refused"
        return PermanentError(f"{host} refuses ({answer.status}, {answer.code}).", code=code, remedy=KEY)
    if sends and answer.status not in SURELY_UNDONE:
        return SendUncertainError(
            f"Something before WordPress refused a send ({answer.status}); WordPress may have done it.", code="blocked"
        )
    if answer.status == NOT_FOUND:
        return PermanentError(NO_API.message, code=NO_API.code, remedy=NO_API.remedy)
    return PermanentError(f"{host} does not let us through ({answer.status}).", code="blocked", remedy=GUARD)
