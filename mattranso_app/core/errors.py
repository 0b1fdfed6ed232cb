"""Errors a person may meet. Each knows its HTTP status, a stable code and plain Vietnamese words that say what to do next.

Services raise them; the HTTP layer answers with an RFC 9457 problem document, a Reflex state shows `text` beside the
control. Anything else that is raised is a fault of ours: it is logged with a reference number and the person sees
`Fault`, never a stack trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus


class DomainError(Exception):
    """Base of all expected refusals.

    Args:
        text: what happened and what to do, in Vietnamese; the class's default when empty.
        fields: message per form field that must be corrected.
        retry_after: seconds after which trying again makes sense.
    """

    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code: str = "invalid"
    default_text: str = "Yêu cầu chưa hợp lệ. Bà con kiểm tra lại rồi thử lần nữa."

    def __init__(
        self, text: str = "", *, fields: Mapping[str, str] | None = None, retry_after: int | None = None
    ) -> None:
        self.text = text or self.default_text
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        super().__init__(self.text)


class BadRequest(DomainError):
    """The request itself is malformed: an unknown parameter, a body that is not JSON."""


class InvalidInput(DomainError):
    """What the person entered breaks a rule; `fields` says where."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_input"
    default_text = "Có chỗ chưa đúng. Bà con xem các ô được đánh dấu, sửa lại rồi gửi."


class SignInRequired(DomainError):
    """Nobody is signed in, or the session has ended."""

    status = HTTPStatus.UNAUTHORIZED
    code = "sign_in_required"
    default_text = "Phiên làm việc đã hết. Mời đăng nhập lại; nội dung đang soạn vẫn được giữ."


class Forbidden(DomainError):
    """The person is known but has no right to this act here."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    default_text = "Tài khoản này không có quyền làm việc này. Hãy liên hệ quản trị viên của đơn vị."


class SecondFactorRequired(Forbidden):
    """The person's rights are withheld: they need a second factor, and this session was opened without one."""

    code = "second_factor_required"
    default_text = "Tài khoản có quyền duyệt hoặc quản trị cần xác minh hai bước. Hãy mở trang Tài khoản, mục Bảo mật, để cài đặt."


class OutOfScope(Forbidden):
    """A program with a personal access token asks for what the token was not made for."""

    code = "out_of_scope"
    default_text = "Khoá truy cập này không được cấp phạm vi cho việc đó. Hãy tạo khoá khác với phạm vi cần dùng."


class TokenRefused(SignInRequired):
    """A personal access token that opens nothing: unknown, expired, revoked, malformed, or its person is disabled."""

    code = "invalid_token"
    default_text = "Khoá truy cập không đúng, đã hết hạn hoặc đã thu hồi. Hãy tạo khoá mới ở trang Tài khoản, mục Khoá truy cập."


class ProofRequired(DomainError):
    """The act needs a proof not older than a few minutes; what was entered is kept by the caller, who asks for it."""

    status = HTTPStatus.FORBIDDEN
    code = "proof_required"
    default_text = "Việc này cần xác minh lại. Hãy xác minh rồi làm tiếp; nội dung vẫn được giữ."


class NotFound(DomainError):
    """There is no such thing, or the reader may not know that there is."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    default_text = "Không tìm thấy nội dung này. Bà con kiểm tra lại địa chỉ hoặc mã."


class Gone(DomainError):
    """It existed and does so no longer: an abolished unit, a removed item."""

    status = HTTPStatus.GONE
    code = "gone"
    default_text = "Nội dung này không còn nữa."


class WrongMethod(DomainError):
    """The address exists, but not for this HTTP method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "wrong_method"
    default_text = "Địa chỉ này không nhận cách gọi đó. Bà con mở lại trang rồi làm tiếp."


class Conflict(DomainError):
    """Somebody else was faster, or the thing has moved on since it was read."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    default_text = "Nội dung vừa được người khác cập nhật. Hãy tải lại trang rồi làm tiếp."


class TooLarge(DomainError):
    """More bytes than allowed."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"
    default_text = "Tệp hoặc nội dung quá lớn. Hãy chọn tệp nhỏ hơn."


class Unsupported(DomainError):
    """A file or body of a kind that is not taken."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported"
    default_text = "Loại tệp này chưa được nhận. Hãy gửi ảnh JPEG, PNG, WebP hoặc tệp PDF."


class TooMany(DomainError):
    """Too many attempts in too short a time; `retry_after` says when to come back."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many"
    default_text = "Thao tác quá nhanh. Bà con chờ ít phút rồi thử lại."


class Unavailable(DomainError):
    """Something behind us is down; what was entered is kept by the caller."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    default_text = "Hệ thống đang bận. Nội dung vẫn được giữ, hãy thử lại sau ít phút."


class Fault(DomainError):
    """A fault of ours, shown with a reference number for support."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "fault"
    default_text = "Hệ thống gặp lỗi. Bà con thử lại; nếu vẫn lỗi, hãy báo kèm mã tham chiếu."

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(f"{self.default_text} Mã tham chiếu: {reference}.")
