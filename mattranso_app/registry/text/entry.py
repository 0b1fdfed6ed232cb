"""Wording of the tool's home and of the entry page."""

from __future__ import annotations

HOME_TITLE = "Cơ sở dữ liệu"
HOME_LEAD = "Việc báo cáo số liệu của đơn vị anh chị."
DUE_TITLE = "Cần báo cáo"
RETURNED_TITLE = "Bị trả lại, cần sửa"
DONE_TITLE = "Đã gửi"
NOTHING_DUE = "Hiện không có biểu nào đến kỳ báo cáo."
NOTHING_DUE_HINT = "Biểu mới xuất hiện ở đây khi kỳ báo cáo mở."
WAYS_TITLE = "Việc khác"
TOTALS = ("Xem số liệu tổng hợp", "/csdl/tong-hop")
REVIEW = ("Duyệt báo cáo của cấp dưới", "/csdl/duyet")
DESIGN = ("Biểu mẫu báo cáo", "/csdl/bieu")
GROUP_LINKS = ("Mã QR cho thôn, tổ dân phố báo cáo", "/csdl/to-dan-pho")
FILL = "Nhập số liệu"
CONTINUE = "Nhập tiếp"
CORRECT = "Xem lý do và sửa"
LOOK = "Xem lại"
RETURN_REASON = "Lý do trả lại"
FILLED = "{filled}/{needed} ô bắt buộc đã có số"
ALL_FILLED = "Đủ {needed} ô bắt buộc"
NONE_REQUIRED = "Đã có số ở {filled} ô"
STATES = {
    "none": ("Chưa nhập", "plain"),
    "draft": ("Đang nhập", "go"),
    "submitted": ("Đã gửi, chờ duyệt", "ok"),
    "returned": ("Bị trả lại", "late"),
    "approved": ("Đã duyệt", "ok"),
}
LATE = ("Quá hạn", "late")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
DUE_IN = "Hạn: hết {weekday} {day}, còn {days} ngày"
DUE_TODAY = "Hạn: hết hôm nay, {weekday} {day}"
DUE_PASSED = "Đã quá hạn {days} ngày (hạn {day})"
SUBMITTED_ON = "Gửi ngày {day}"
SUBMITTED_LATE = "Gửi muộn, ngày {day}"

WAITING = {
    "title": "Trên máy này còn số chưa lưu lên máy chủ",
    "lead": "Có mạng là tự lưu. Ô nhập chưa đúng, hoặc người khác vừa sửa, cần mở biểu để xem lại.",
    "item": "{title}, {period}: {n} ô",
}
ENTRY_TITLE = "Nhập số liệu"
BACK_HOME = "Cơ sở dữ liệu"
WHOLE = "Tổng số"
NO_COMMENT = "Hãy ghi ý kiến."
COMMENT_LONG = "Viết ngắn lại, nhiều nhất {limit} ký tự."
COMMENT_EARLY = "Báo cáo chưa có số nào. Hãy nhập ít nhất một ô rồi ghi ý kiến."
CELL_UNKNOWN = "Biểu của kỳ này không có ô này. Hãy tải lại trang."
TOO_MANY_CELLS = "Mỗi lần lưu nhiều nhất {most} ô."

ACTS = {
    "save": "nhập", "submit": "gửi báo cáo", "amend": "sửa sau khi gửi", "return": "trả lại", "approve": "duyệt", "reopen": "mở lại",
}  # fmt: skip
SOURCES = {
    "form": "trên trang này", "offline": "lúc không có mạng", "excel": "từ tệp Excel", "api": "từ phần mềm khác", "group": "từ khu dân cư",
    "seed": "số liệu minh hoạ",
}  # fmt: skip

WORDS = {
    "loading": "Đang mở biểu…",
    "signed_out": "Phiên làm việc đã hết. Số đang nhập dở vẫn giữ trên máy này; đăng nhập lại là nhập tiếp được.",
    "sign_in": "Đăng nhập",
    "offline_new": "Đang không có mạng và biểu này chưa từng mở trên máy này. Có mạng hãy mở lại.",
    "failed": "Chưa mở được biểu. Hãy thử lại sau ít phút.",
    "again": "Thử lại",
    "unit_line": "{organisation} · {unit}",
    "now": "Kỳ này",
    "indicator": "Chỉ tiêu",
    "last_value": "Kỳ trước ({period}): {value}",
    "required": "bắt buộc",
    "computed": "máy tự tính",
    "choose": "Chọn…",
    "saved": "Đã lưu lúc {time}",
    "saving": "Đang lưu…",
    "kept": "Không có mạng: {n} ô giữ trên máy này, có mạng là tự lưu.",
    "unsaved": "Chưa lưu được {n} ô lên máy chủ. Số giữ trên máy này và sẽ tự lưu lại.",
    "kept_amend": "{n} ô đã sửa, giữ trên máy này. Ghi lý do rồi bấm “Lưu sửa đổi”.",
    "no_storage": "Trình duyệt này không cho giữ số trên máy. Đừng đóng trang trước khi thấy “Đã lưu”.",
    "restored": "Đã lấy lại {n} ô đang nhập dở trên máy này.",
    "bad_cells": "{n} ô chưa đúng, chưa được lưu",
    "not_a_number": "“{value}” không phải số. Hãy nhập số, ví dụ 1.234 hoặc 1234.",
    "not_whole": "Ô này cần số nguyên, không có phần lẻ.",
    "ambiguous": "“{value}” có thể hiểu hai cách. Hãy viết 1.234 (một nghìn hai trăm ba mươi tư) hoặc 1234.",
    "negative": "Số không được âm.",
    "too_large": "Số quá lớn. Hãy kiểm tra lại.",
    "too_fine": "Chỉ nhập nhiều nhất 4 chữ số sau dấu phẩy.",
    "formula": "Ô có công thức. Hãy dán giá trị thay cho công thức.",
    "not_a_day": "“{value}” không phải ngày. Hãy nhập như 31/12/2026.",
    "not_a_choice": "“{value}” không có trong các lựa chọn của ô này.",
    "pasted": "Đã dán {n} ô.",
    "pasted_bad": "{n} ô chưa đúng, đã đánh dấu: {names}.",
    "pasted_computed": "Bỏ qua {n} ô máy tự tính.",
    "pasted_outside": "{n} giá trị thừa ra ngoài biểu, chưa dán: {values}.",
    "undo": "Hoàn tác dán",
    "undone": "Đã hoàn tác lần dán.",
    "others_wrote": "Người khác vừa sửa thành {value}. Anh chị nhập {mine}.",
    "conflicts": "{n} ô vừa được người khác sửa. Chọn số đúng ở từng ô.",
    "take_mine": "Giữ số của tôi",
    "take_theirs": "Lấy số kia",
    "empty": "trống",
    "sides": "So sánh: {a} và {b}.",
    "go_to": "Tới ô",
    "detail_button": "Ý kiến, lịch sử",
    "history": "Lịch sử của ô",
    "no_history": "Ô này chưa được sửa lần nào.",
    "history_offline": "Cần có mạng để xem.",
    "change": "{before} → {after}",
    "why": "Lý do: {reason}",
    "comments": "Ý kiến",
    "no_comments": "Chưa có ý kiến.",
    "comment": "Ghi ý kiến về ô này",
    "send_comment": "Gửi ý kiến",
    "close": "Đóng",
    "noted": "{n} ý kiến",
    "submit": "Gửi báo cáo",
    "submit_title": "Gửi báo cáo",
    "gaps_title": "Còn {n} ô bắt buộc chưa có số",
    "gaps_lead": "Nhập số, hoặc ghi lý do chưa có ở từng ô.",
    "gap_all": "Dùng một lý do cho tất cả ô còn trống",
    "gap_reason": "Lý do chưa có số: {name}",
    "soft_title": "Cần giải trình",
    "hard_title": "Phải sửa trước khi gửi",
    "bad_title": "Có ô nhập chưa đúng",
    "all_well": "Đủ số ở mọi ô bắt buộc, các phép kiểm tra đều khớp.",
    "promise": "Gửi rồi thì số được tính ngay vào tổng hợp của cấp trên. Vẫn sửa được, có ghi lý do.",
    "confirm": "Gửi lên cấp trên",
    "sending": "Đang gửi…",
    "sent": "Đã gửi báo cáo.",
    "submit_offline": "Đang không có mạng nên chưa gửi được. Số đã giữ trên máy này; có mạng hãy bấm “Gửi báo cáo”.",
    "need_reason": "Hãy ghi lý do.",
    "amend": "Sửa báo cáo đã gửi",
    "amend_lead": "Sửa số ở các ô bên trên, ghi lý do, rồi bấm “Lưu sửa đổi”. Số mới được tính ngay vào tổng hợp.",
    "amend_reason": "Lý do sửa",
    "amend_save": "Lưu sửa đổi",
    "amended": "Đã lưu sửa đổi.",
    "failed_amend": "Chưa lưu được. Xem thông báo ở cuối trang rồi thử lại.",
    "returned": "Báo cáo bị trả lại",
    "returned_by": "{name} trả lại ngày {day}",
    "reopened": "Báo cáo được mở lại để sửa",
    "approved": "Báo cáo đã được duyệt. Muốn sửa số, hãy đề nghị cấp trên mở lại.",
    "locked": "Kỳ này đã khoá số liệu. Muốn sửa, hãy đề nghị cấp trên mở lại.",
    "read_only": "Anh chị được xem biểu này, không nhập.",
    "not_open": "Kỳ này mở nhập từ ngày {day}.",
    "keys": "Phím: mũi tên và Enter để chuyển ô, Home/End tới đầu/cuối hàng, Ctrl+V dán cả khối từ Excel, Ctrl+Z hoàn tác lần dán.",
    "filled": "{filled}/{needed} ô bắt buộc",
}
"""Wording of the sheet in the browser; keys as in assets/registry."""
