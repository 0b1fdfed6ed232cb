"""Vietnamese wording of checks."""

from __future__ import annotations

NOT_A_CHECK = "Phép kiểm tra chưa đủ: cần mã, mức độ và đúng một trong ba: điều kiện, so với các kỳ trước, so với một kỳ."
UNKNOWN_MEMBER = "Phép kiểm tra không có thuộc tính “{name}”. Hãy bỏ thuộc tính này."
BAD_NAME = "Mã phép kiểm tra chỉ gồm chữ thường không dấu, chữ số và _, bắt đầu bằng chữ, nhiều nhất 40 ký tự."
NAME_TWICE = "Hai phép kiểm tra cùng mã “{name}”. Hãy đổi một mã."
BAD_SEVERITY = "Chọn mức độ: bắt buộc sửa (hard) hoặc giải trình được (soft)."
NO_MESSAGE = "Hãy viết lời nhắc cho người nhập: sai ở đâu, cần làm gì."
BAD_WORDS = "Chỗ này cần chữ. Hãy viết lại."
NOT_A_CONDITION = "Phép kiểm tra cần một điều kiện đúng/sai, không phải một số. Hãy dùng phép so sánh."
BAD_CELLS = "Danh sách ô liên quan phải là mã các ô trong biểu mẫu này, nhiều nhất 100 ô."
BAD_HISTORY_NUMBER = "“{name}” phải là số từ {fewest} đến {most}, nhiều nhất 4 chữ số thập phân."
BAD_HISTORY_WHOLE = "“{name}” phải là số nguyên từ {fewest} đến {most}."
BAD_SINCE = "Chọn kỳ để so: kỳ trước (previous) hoặc cùng kỳ năm trước (last_year)."

HISTORY = "Số này gấp hơn {times} lần, hoặc chưa bằng 1/{times}, mức trung bình {last} kỳ trước. Hãy kiểm tra lại; nếu đúng, ghi lý do."
CHANGE = "Số này tăng hoặc giảm quá {percent} % so với {since}. Hãy kiểm tra lại; nếu đúng, ghi lý do."
SINCE = {"previous": "kỳ trước", "last_year": "cùng kỳ năm trước"}
