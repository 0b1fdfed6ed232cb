"""The Vietnamese wording of lent roles, transfers and the screen of rights, in one place."""

from __future__ import annotations

# Lending.
CHOOSE_ROLES = "Hãy chọn ít nhất một vai trò để uỷ quyền."
ROLE_GONE = "Vai trò này vừa kết thúc. Hãy tải lại trang rồi chọn lại."
LENT_ALREADY = "Người này đang được uỷ quyền vai trò đó trong khoảng ngày trùng nhau. Hãy kết thúc lần uỷ quyền cũ hoặc chọn ngày khác."
LENDING_GONE = "Uỷ quyền này đã kết thúc hoặc không thuộc phạm vi của anh chị. Hãy tải lại trang."
FIRST_DAY_RULE = "Ngày bắt đầu từ hôm nay, trong vòng một năm tới."
LAST_DAY_RULE = "Ngày kết thúc không trước ngày bắt đầu, cách không quá 188 ngày."
NO_SUCH_COLLEAGUE = "Không có đồng nghiệp này ở cùng đơn vị. Hãy nhập tên đăng nhập của người đang dùng tài khoản ở cùng đơn vị."
NOT_TO_ONESELF = "Không uỷ quyền cho chính người nghỉ. Hãy chọn đồng nghiệp khác."
NOT_FOR_ONESELF = "Quản trị viên không tự nhận quyền của người khác. Hãy để người nghỉ tự uỷ quyền, hoặc nhờ quản trị viên khác."

# Transfers.
SAME_UNIT = "Cán bộ đang ở chính đơn vị này. Hãy chọn đơn vị khác."
MOVING_ALREADY = "Cán bộ này đang chờ chuyển. Hãy thu hồi đề nghị cũ trước."
TRANSFER_GONE = "Đề nghị chuyển này đã được giải quyết hoặc không thuộc phạm vi của anh chị. Hãy tải lại trang."
TRANSFER_STALE = "Vai trò hoặc đơn vị của cán bộ đã đổi từ khi đề nghị chuyển. Hãy từ chối để đơn vị cũ đề nghị lại."
TRANSFER_DISABLED = "Tài khoản đang bị khoá. Hãy mở lại tài khoản trước khi chuyển."
CHOOSE_NEW_ROLES = "Hãy chọn ít nhất một vai trò ở đơn vị mới."
