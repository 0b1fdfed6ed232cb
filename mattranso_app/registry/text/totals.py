"""Wording of totals."""

AREA_BAD = "Không có đơn vị này. Hãy chọn lại đơn vị."
ORGANISATION_MISSING = "Chọn ít nhất một tổ chức."
CELL_UNKNOWN = "Biểu này không có ô số “{key}”. Hãy tải lại biểu rồi chọn lại."
ONE_CELL = "Chọn một ô để xem các báo cáo làm nên số tổng."
TOO_MANY_ROWS = "Kết quả quá dài. Hãy chọn khoảng thời gian hoặc phạm vi ngắn hơn."
CURSOR_BAD = "Trang này không còn. Hãy xem lại từ đầu danh sách."
