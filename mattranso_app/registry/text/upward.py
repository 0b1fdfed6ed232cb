"""Wording of what goes upward: review, forwarding, silent units, reminders, residential groups."""

TITLE = "Duyệt báo cáo"
LEAD = "Báo cáo của các đơn vị cấp dưới theo biểu, kỳ và tổ chức."
LISTS = "Danh sách"
TABS = {
    "cho-duyet": "Chờ duyệt",
    "chua-gui": "Chưa gửi",
    "tra-lai": "Đang sửa lại",
    "da-duyet": "Đã duyệt",
    "tat-ca": "Tất cả",
}
EMPTY = {
    "cho-duyet": "Không có báo cáo nào chờ duyệt.",
    "chua-gui": "Mọi đơn vị đã gửi.",
    "tra-lai": "Không có báo cáo nào đang ở đơn vị để sửa.",
    "da-duyet": "Chưa duyệt báo cáo nào.",
    "tat-ca": "Không có đơn vị nào báo cáo theo biểu này.",
}
STATES = {
    "none": ("Chưa nhập", "plain"),
    "draft": ("Đang nhập", "wait"),
    "submitted": ("Chờ duyệt", "go"),
    "returned": ("Đang sửa lại", "wait"),
    "approved": ("Đã duyệt", "ok"),
}
"""State → words and kind of the pill."""

NO_FORMS = "Chưa có biểu nào để duyệt"
NO_FORMS_HINT = "Khi cấp trên ban hành biểu cho các đơn vị cấp dưới, báo cáo sẽ hiện ở đây."
CHOOSE = "Chọn biểu, kỳ"
FORM = "Biểu"
PERIOD = "Kỳ"
ORGANISATION = "Tổ chức"
SHOW = "Xem"
PICK_ONE = "Chọn một đơn vị để xem báo cáo"
PICK_HINT = "Phím J, K để lên xuống; Enter để mở; Esc để về danh sách."
NOT_BELOW = "Đơn vị này không báo cáo theo biểu đã chọn. Hãy chọn đơn vị khác."
NOT_DECIDING = "Anh chị xem được báo cáo này. Việc duyệt do người có vai trò duyệt của cấp trên trực tiếp làm."

LATE = "Gửi trễ"
OVERDUE = "Quá hạn {days} ngày"
AMENDED = "Đã sửa {count} lần"
GAPS = "{count} ô thiếu, có lý do"
EXPLAINED = "{count} giải trình"
DUE = "Hạn {day}"
SUBMITTED_AT = "Gửi {at}"

FIGURES = "Số liệu"
CELL, VALUE, BEFORE, NOTE = "Chỉ tiêu", "Kỳ này", "Kỳ trước", "Ghi chú"
EMPTY_CELL = "(trống)"
CHANGED = "Sửa từ {value}"
GAP = "Chưa có số: {reason}"
EXPLANATIONS = "Giải trình"
HISTORY = "Lịch sử"
ACTS = {
    "save": "Nhập số",
    "submit": "Gửi báo cáo",
    "amend": "Sửa số sau khi gửi",
    "return": "Trả lại",
    "approve": "Duyệt",
    "reopen": "Mở lại",
}
SOURCES = {
    "form": "trên trang", "offline": "nhập khi mất mạng", "excel": "từ Excel", "api": "phần mềm khác", "group": "qua liên kết",
    "seed": "dữ liệu mẫu",
}  # fmt: skip
CELLS_CHANGED = "{count} ô"

APPROVE = "Duyệt báo cáo"
APPROVED = "Đã duyệt báo cáo của {unit}."
RETURN = "Trả lại để sửa"
RETURN_LEAD = "Ghi rõ cần sửa gì. Báo cáo không được tính vào số tổng cho đến khi đơn vị gửi lại."
RETURN_REASON = "Lý do chung"
RETURN_CELLS = "Ghi cho từng ô (ô nào cần)"
RETURNED = "Đã trả lại báo cáo của {unit}."
REOPEN = "Mở lại để sửa"
REOPEN_LEAD = "Báo cáo đã duyệt không được tính vào số tổng cho đến khi đơn vị gửi lại."
REOPEN_REASON = "Lý do mở lại"
REOPENED = "Đã mở lại báo cáo của {unit}."
OWN = "Anh chị đã gửi báo cáo này nên không tự duyệt. Hãy nhờ người khác duyệt."

APPROVE_MANY = "Duyệt nhiều báo cáo"
APPROVE_MANY_LEAD = "Bỏ chọn những báo cáo cần xem thêm. Báo cáo trễ, có ô thiếu hoặc có giải trình chưa được chọn sẵn."
APPROVE_CHOSEN = "Duyệt các báo cáo đã chọn"
APPROVED_MANY = "Đã duyệt {count} báo cáo."
NONE_CHOSEN = "Hãy chọn ít nhất một báo cáo."
RETURNED_FOR_CELLS = "Xem lý do ở {count} ô."
CELL_UNKNOWN = "Biểu không có ô {cell}. Hãy tải lại trang."
CHANGED_SINCE = "Vừa có thay đổi ở: {units}. Hãy xem lại rồi duyệt."

# Notices. Figures never travel in them: a mailbox is no archive of reports.
TOLD_RETURNED = ("Báo cáo được trả lại để sửa", "Báo cáo “{form}”, {period}, {whose} được trả lại để sửa. Mở {link} để xem lý do.")
TOLD_REOPENED = ("Báo cáo được mở lại", "Báo cáo “{form}”, {period}, {whose} được mở lại để sửa. Mở {link} để xem lý do.")
TOLD_ASKED = ("Đề nghị mở lại báo cáo", "{unit} đề nghị mở lại báo cáo “{form}”, {period}, {whose}. Mở {link} để xem lý do.")
OPEN_ANYWAY = "Báo cáo này đang mở, đơn vị sửa được ngay; không cần đề nghị mở lại."
ASKED_TO_REOPEN = "Đề nghị mở lại: {reason}"

OWN_ACTS = "Việc đã làm với báo cáo số liệu"
OWN_ACT_LABELS = {"form": "Biểu", "period": "Kỳ", "unit": "Đơn vị", "act": "Việc", "at": "Lúc"}

NOTHING_TO_FORWARD = "Chưa có báo cáo nào của đơn vị cấp dưới để gửi lên."
FORWARDED_ALREADY = "Đã gửi lên cấp trên. Số đến sau, sửa sau tự hiện ở cấp trên; không cần gửi lại."
MISSING_UNNAMED = "Ghi lý do đơn vị này chưa có báo cáo."
MISSING_COUNT = "Còn {count} đơn vị chưa có báo cáo. Ghi lý do cho từng đơn vị, hoặc một lý do chung."
FORWARD_REASON = "Hãy ghi lý do trả lại."
NOT_FORWARDED = "Đơn vị này chưa gửi lên."
FORWARD_DECIDED = "Lần gửi này đã được xử lý."

REMINDERS = {
    "before": ("Sắp đến hạn báo cáo", "{unit}: báo cáo “{form}”, {period} hạn gửi {due}. Nhập tại {link}."),
    "after": ("Báo cáo quá hạn", "{unit}: báo cáo “{form}”, {period} đã quá hạn {due}. Nhập tại {link}; ô chưa có số thì ghi lý do."),
    "again": ("Nhắc lại: báo cáo quá hạn", "{unit}: cấp trên chưa nhận được báo cáo “{form}”, {period} (hạn {due}). Nhập tại {link}."),
}
"""Step → subject and text of a reminder."""

FORWARD = "Gửi lên cấp trên"
FORWARD_LEAD = "Đơn vị chưa gửi không làm chậm các đơn vị khác: ghi lý do rồi gửi. Số đến sau, sửa sau tự hiện ở cấp trên."
FORWARD_COMMON = "Lý do chung cho các đơn vị chưa gửi"
FORWARD_EACH = "Ghi riêng từng đơn vị"
FORWARD_NOTE = "Ghi chú cho cấp trên"
FORWARDED = "Đã gửi lên, nêu tên {missing} đơn vị chưa có báo cáo."
ACCEPT_SENT = "Tiếp nhận"
RETURN_SENT = "Trả lại lần gửi này"
FORWARD_ACCEPTED = "Đã tiếp nhận."
FORWARD_RETURNED = "Đã trả lại."
SENT_LINE = "Gửi lên {at}, {person}: {reports}/{expected} đơn vị · {state}"
SENT_STATES = {"sent": "chờ cấp trên tiếp nhận", "accepted": "cấp trên đã tiếp nhận", "returned": "cấp trên trả lại"}
SENT_BELOW = "Đơn vị cấp dưới đã gửi lên"
SENT_BELOW_LINE = "{reports}/{expected} đơn vị · {state}"
SINCE = "Đến sau, sửa sau"
CAME_LATER, CHANGED_LATER = "đến sau", "sửa sau"
