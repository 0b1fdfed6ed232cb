"""Wording of the reporting engine."""

from mattranso_app.core.reporting.models import State

FORM_UNKNOWN = "Không có biểu báo cáo này. Hãy mở lại danh sách biểu."
FORM_RETIRED = "Biểu này đã thôi dùng, không hỏi kỳ {period} nữa."
FORM_NOT_YET = "Biểu này chưa áp dụng cho kỳ {period}."
ORGANISATION_NOT_ASKED = "Tổ chức này không báo cáo theo biểu đã chọn."
UNIT_NOT_ASKED = "Đơn vị này không báo cáo theo biểu đã chọn."
NOT_OPEN_YET = "Kỳ này mở nhập từ ngày {day}."
LOCKED = "Kỳ này đã khoá số liệu. Hãy đề nghị cấp trên mở lại, nêu rõ lý do."
NOT_NOW = {
    State.DRAFT: "Báo cáo chưa được gửi nên chưa thể duyệt hoặc trả lại.",
    State.SUBMITTED: "Báo cáo đã được gửi. Muốn sửa số, hãy sửa thẳng trong biểu và nêu lý do.",
    State.RETURNED: "Báo cáo đang ở đơn vị để sửa. Hãy chờ đơn vị gửi lại.",
    State.APPROVED: "Báo cáo đã được duyệt. Hãy đề nghị cấp trên mở lại, nêu rõ lý do.",
}
CHANGED_MEANWHILE = "Báo cáo vừa có thay đổi. Hãy xem lại rồi làm tiếp."
CELLS_CHANGED = "Có ô vừa được người khác sửa. Số đang nhập được giữ lại; hãy chọn số đúng rồi lưu."
CELL_CHANGED = "Người khác vừa sửa thành: {value}."
AMEND_REASON = "Báo cáo đã gửi. Hãy ghi lý do sửa số."
REASON_MISSING = "Hãy ghi lý do."
NOT_BEGUN = "Đơn vị chưa nhập báo cáo này."
GAP_UNNAMED = "Ô bắt buộc còn trống: nhập số hoặc ghi lý do chưa có."
GAPS_UNNAMED = "Còn {count} ô bắt buộc chưa có số. Nhập số, hoặc ghi lý do rồi gửi."
WORDS_LONG = "Viết ngắn lại, nhiều nhất {limit} ký tự."
DEFINITION_BAD = "Biểu chưa đúng ở: {place}. Hãy xem lại phần này."
VERSION_TOO_EARLY = "Bản mới phải áp dụng sau kỳ {period}, là kỳ đầu của bản trước."
VERSION_USED = "Đã có đơn vị nhập số cho kỳ này theo bản cũ. Hãy cho bản mới áp dụng từ kỳ sau."
PERIOD_KIND_STAYS = "Loại kỳ của biểu không đổi được. Hãy lập biểu mới."
MEANING_STAYS = "Chỉ tiêu “{name}” đã có số liệu: đơn vị tính và cách cộng không đổi được. Hãy lập chỉ tiêu mới."
CHECKS_FAIL = "Có {count} chỗ số liệu chưa khớp. Hãy sửa lại, hoặc ghi giải trình ở chỗ được phép giải trình, rồi gửi."
CHECK_CELLS = "Phép kiểm tra “{name}” nhắc tới ô không có trong biểu."
MEASURES_MIXED = "Không cộng chung các số khác đơn vị tính hoặc khác cách tính theo thời gian ({measures}). Hãy chọn các ô cùng loại."
NEVER_ADDED = "Chỉ tiêu này không cộng được giữa các đơn vị. Hãy xem số nhỏ nhất, lớn nhất và trung vị."
