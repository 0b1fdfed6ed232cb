"""Wording of the online database's Excel screens."""

TITLE = "Nhập số liệu bằng Excel"
LEAD = "Tải mẫu, điền, gửi lại. Hệ thống kiểm tra từng ô trước, chỉ ghi khi không còn lỗi."
WAY = ("Nhập bằng Excel", "/csdl/excel")
FILE_NAME = "{form} - {period} - {whose}.xlsx"
ALL_BELOW = "Các {level} của {unit}"
LEVELS = {"province": "tỉnh, thành phố", "commune": "xã, phường, đặc khu", "group": "tổ dân phố, thôn"}
MARKED_NAME = "{name} - cần sửa.xlsx"

NOBODY_BELOW = "{unit} không có đơn vị cấp dưới nào báo cáo theo biểu này."
TOO_MANY_UNITS = "Có nhiều hơn {limit} đơn vị. Hãy tải mẫu riêng cho từng xã."
TOO_MANY_TOGETHER = "Các tệp có nhiều hơn {limit} đơn vị. Hãy gửi ít tệp hơn mỗi lần."
OTHER_FORM = "Đây là mẫu của biểu “{found}”, không phải biểu “{wanted}”. Hãy chọn đúng biểu hoặc gửi đúng tệp."
OTHER_PERIOD = "Đây là mẫu của {found}, không phải {wanted}. Hãy chọn đúng kỳ, hoặc tải mẫu của {wanted} rồi điền."
OTHER_ORGANISATION = "Đây là mẫu của {found}, không phải của {wanted}. Hãy chọn đúng tổ chức hoặc gửi đúng tệp."
OTHER_VERSION = "Biểu đã có bản mới áp dụng cho kỳ này sau khi tải mẫu. Hãy tải mẫu mới rồi chuyển số liệu sang."
OTHER_TOOL = "Mẫu này là của chuyên mục khác. Hãy gửi tệp ở đúng chuyên mục."
NOT_YOURS = "Anh chị không được nhập số của đơn vị này. Hãy xoá dòng này, hoặc nhờ cán bộ của đơn vị nhập."
NOT_YOURS_FILE = "Mẫu này là của {unit}; anh chị không được nhập số của đơn vị này."
UNIT_TWICE = "Đơn vị này đã có trong tệp “{file}”. Mỗi đơn vị chỉ gửi trong một tệp."
CHANGED_SINCE = "Ô này đã được sửa thành “{value}” sau khi tải mẫu. Hãy tải mẫu mới để xem số đang có."
EMPTY = "trống"
ABSENT = "Tệp không có dòng của: {units}. Số của các đơn vị này giữ nguyên."
HAS_PROBLEMS = "Còn {count} chỗ cần sửa trong tệp. Chưa ghi gì cả."
NO_FILE = "Hãy chọn tệp Excel cần gửi."
TOO_MANY_FILES = "Mỗi lần gửi nhiều nhất {limit} tệp."

BACK = "Cơ sở dữ liệu"
CHOOSE_TITLE = "1. Chọn biểu và kỳ"
FORM = "Biểu"
PERIOD = "Kỳ báo cáo"
ORGANISATION = "Tổ chức"
CHOOSE = "Chọn"
DOWNLOAD_TITLE = "2. Tải mẫu"
DOWNLOAD_LEAD = "Mẫu có sẵn số đang lưu và số kỳ trước. Chỉ điền các ô trắng."
TEMPLATE_OWN = "Mẫu của {unit}"
TEMPLATE_BELOW = "Một tệp cho mọi {level} của {unit}"
UPLOAD_TITLE = "3. Gửi tệp đã điền"
UPLOAD_LEAD = "Chọn một hoặc nhiều tệp. Hệ thống kiểm tra trước, chưa ghi gì cho đến khi anh chị bấm Ghi."
NOTHING = "Chưa có biểu nào để nhập"
NOTHING_HINT = "Khi có biểu giao cho đơn vị của anh chị, biểu sẽ hiện ở đây."
NO_TEMPLATE = "Kỳ hoặc đơn vị này chưa có mẫu để tải"
NO_TEMPLATE_HINT = "Hãy chọn biểu, kỳ hoặc tổ chức khác."
IMPORT = {
    "choose": "Chọn tệp Excel (.xlsx)",
    "checking": "Đang kiểm tra {n}/{of} tệp…",
    "writing": "Đang ghi {n}/{of} tệp…",
    "marking": "Đang đánh dấu lỗi vào tệp…",
    "failed": "Chưa gửi được tệp vì mất kết nối. Hãy thử lại.",
    "so_far": "Đã ghi {n}/{of} tệp. Gửi lại vẫn an toàn: ô đã ghi không ghi lần hai.",
    "problems": "Còn {n} chỗ cần sửa. Sửa trong tệp rồi chọn lại; chưa ghi gì cả.",
    "ready": "Không có lỗi: {n} ô sẽ thay đổi trong {files} tệp.",
    "nothing": "Không có ô nào khác số đang lưu.",
    "done": "Đã ghi {n} ô.",
    "write": "Ghi {n} ô",
    "marked": "Tải lại {name} có đánh dấu lỗi",
    "marked_name": "{name} - cần sửa.xlsx",
    "reason": "Lý do sửa {n} báo cáo đã gửi",
    "file": "Tệp",
    "place": "Ô trong tệp",
    "whole_file": "Cả tệp",
    "unit": "Đơn vị",
    "cell": "Chỉ tiêu",
    "problem": "Cần sửa",
    "before": "Đang lưu",
    "after": "Sẽ ghi",
    "empty": "trống",
    "problems_caption": "Chỗ cần sửa ({n} dòng đầu)",
    "differences_caption": "Thay đổi sẽ ghi ({n}/{of})",
}
