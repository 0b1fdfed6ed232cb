"""Invented petitions and answers in plain Vietnamese, for demonstration and load. None of it happened anywhere."""

from __future__ import annotations

import random
from dataclasses import dataclass

from mattranso_app.petitions.models import Kind, Outcome


@dataclass(frozen=True, slots=True)
class Sample:
    """An invented petition."""

    kind: Kind
    title: str
    body: str
    place: str
    answer: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Topic:
    """What petitions of one topic are made of; `{p}` is a place, `{d}` a stretch of time, `{n}` a small number."""

    kind: Kind
    titles: tuple[str, ...]
    facts: tuple[str, ...]
    wishes: tuple[str, ...]
    answers: tuple[tuple[Outcome, str], ...]


_S, _P, _E, _R = Outcome.SOLVED, Outcome.PARTLY, Outcome.EXPLAINED, Outcome.REFUSED

TOPICS: tuple[Topic, ...] = (
    Topic(
        Kind.REPORT,
        ("Nước sinh hoạt có mùi lạ {d}", "Nước máy ở {p} đục, có cặn vàng", "{p} mất nước sạch {d}", "Áp lực nước yếu vào buổi tối ở {p}"),
        ("{D} nước máy ở {p} có mùi tanh, để lắng thì thấy cặn vàng.", "Khoảng {n} hộ ở {p} phải mua nước bình để nấu ăn.",
         "Nhà tôi có người già và trẻ nhỏ nên rất lo.", "Bà con đã gọi điện cho trạm cấp nước nhưng chưa thấy ai xuống."),
        ("Đề nghị kiểm tra chất lượng nước và thông báo cho bà con biết.", "Mong đơn vị cấp nước súc rửa đường ống và trả lời rõ bao giờ xong."),
        ((_S, "Đơn vị cấp nước đã lấy mẫu và súc xả đường ống ở {p}. Kết quả kiểm nghiệm cho thấy nước đạt quy chuẩn. Bà con thấy nước còn mùi thì báo ngay để kiểm tra lại."),
         (_P, "Đã súc xả đoạn ống chính ở {p}; đoạn còn lại phải thay ống, dự kiến xong trong {n} ngày nữa. Trong lúc chờ, xe bồn cấp nước mỗi sáng.")),
    ),
    Topic(
        Kind.REPORT,
        ("Đèn đường {p} hỏng {d}", "{p} tối om, đèn đường không sáng", "Đèn chiếu sáng ở {p} lại hỏng", "Đề nghị sửa bóng đèn cao áp ở {p}"),
        ("{D} dãy đèn ở {p} không sáng, khoảng {n} bóng.", "Buổi tối học sinh đi học thêm về qua đoạn này rất nguy hiểm.",
         "Tuần trước đã có người ngã xe vì không thấy ổ gà.", "Bà con đã báo tổ trưởng nhưng chưa được sửa."),
        ("Đề nghị sửa sớm để bà con đi lại an toàn.", "Mong được thay bóng và kiểm tra cả tuyến."),
        ((_S, "Đội quản lý chiếu sáng đã thay {n} bóng và sửa tủ điều khiển ở {p}. Đèn đã sáng từ tối hôm kia, có ảnh kèm theo."),
         (_P, "Đã sửa các cột ở đầu tuyến; {n} cột cuối tuyến hỏng cáp ngầm, đang chờ vật tư.")),
    ),
    Topic(
        Kind.REPORT,
        ("Rác tập kết cạnh {p}", "Bãi rác tự phát ở {p} bốc mùi", "{p} không thu gom rác {d}", "Xe rác không vào {p}"),
        ("{D} rác dồn thành đống cạnh {p}, ruồi muỗi rất nhiều.", "Trời mưa nước rỉ rác chảy ra đường.",
         "Có xe lạ chở phế thải xây dựng tới đổ trộm vào ban đêm.", "Khoảng {n} hộ gần đó không dám mở cửa."),
        ("Đề nghị dọn sạch và chuyển điểm tập kết ra xa khu dân cư.", "Mong có lịch thu gom cố định và biển cấm đổ rác."),
        ((_S, "Đã dọn toàn bộ rác ở {p}, rắc vôi khử mùi, cắm biển cấm và chuyển điểm tập kết ra xa khu dân cư. Lịch thu gom mới: thứ Ba, thứ Năm, Chủ nhật."),
         (_P, "Đã dọn rác và phun khử mùi ở {p}. Việc chuyển điểm tập kết cần {n} ngày để bố trí đất.")),
    ),
    Topic(
        Kind.REPORT,
        ("Đường vào {p} nhiều ổ gà", "Mặt đường {p} xuống cấp nặng", "Nắp cống ở {p} bị mất", "Đường {p} đào lên {d} không lấp lại"),
        ("{D} đoạn đường vào {p} hỏng nặng, dài chừng {n} mét.", "Xe máy tránh ổ gà lấn sang làn bên kia, đã có va quệt.",
         "Mưa xuống thì ngập không thấy hố.", "Đơn vị thi công đào đường đặt ống xong không hoàn trả mặt bằng."),
        ("Đề nghị vá lại mặt đường trước mùa mưa.", "Mong cắm biển cảnh báo ngay trong lúc chờ sửa."),
        ((_S, "Đã vá xong đoạn đường ở {p} và đậy lại nắp cống; ảnh trước và sau kèm theo."),
         (_P, "Đã rải đá cấp phối và cắm biển cảnh báo ở {p}. Thảm nhựa nằm trong kế hoạch quý sau, dự toán đã được duyệt."),
         (_R, "Đoạn đường này thuộc dự án khác đang thi công nên chưa thể sửa riêng; đơn vị thi công đã cam kết hoàn trả trong {n} ngày.")),
    ),
    Topic(
        Kind.QUESTION,
        ("Hỏi về chế độ bảo hiểm cho người cao tuổi", "Hỏi về trợ cấp cho người từ đủ 75 tuổi", "Mẹ tôi 80 tuổi có được trợ cấp không?"),
        ("Mẹ tôi năm nay đã ngoài tám mươi, ở {p}, không có lương hưu.", "Gia đình không rõ phải làm giấy tờ gì và nộp ở đâu.",
         "Tôi hỏi {n} nơi mà mỗi nơi trả lời một khác."),
        ("Xin hỏi điều kiện, hồ sơ và thời gian giải quyết.", "Mong được hướng dẫn cụ thể để khỏi phải đi lại nhiều lần."),
        ((_E, "Người cao tuổi không có lương hưu, trợ cấp hằng tháng được hưởng trợ cấp xã hội theo độ tuổi quy định. Hồ sơ gồm tờ khai theo mẫu, nộp tại bộ phận một cửa của xã, phường; cán bộ sẽ giúp ghi tờ khai tại chỗ."),),
    ),
    Topic(
        Kind.QUESTION,
        ("Hỏi thủ tục đăng ký hộ nghèo", "Hỏi về rà soát hộ cận nghèo ở {p}", "Vì sao nhà tôi ra khỏi danh sách hộ nghèo?"),
        ("Nhà tôi ở {p} có {n} nhân khẩu, lao động chính vừa ốm dài ngày.", "Đợt rà soát vừa rồi không thấy ai đến hỏi.",
         "Tôi không biết tiêu chí chấm điểm như thế nào."),
        ("Xin được giải thích cách rà soát và quyền khiếu nại kết quả.", "Mong cán bộ đến xem thực tế."),
        ((_E, "Việc rà soát làm theo phiếu chấm điểm thu nhập và mức thiếu hụt dịch vụ xã hội cơ bản, có họp dân ở thôn, tổ dân phố. Bà con được xem phiếu của hộ mình; cán bộ Mặt trận sẽ cùng thôn đến nhà trong tuần."),),
    ),
    Topic(
        Kind.QUESTION,
        ("Hỏi thủ tục cấp giấy chứng nhận quyền sử dụng đất", "Hỏi nơi nộp hồ sơ đất đai sau sáp nhập", "Đất ở {p} bao giờ được đo lại?"),
        ("Thửa đất của gia đình ở {p} dùng ổn định đã {n} năm, chưa có giấy.", "Từ khi xã mới thành lập, tôi không rõ nộp hồ sơ ở đâu.",
         "Bản đồ cũ không khớp với thực tế sử dụng."),
        ("Xin hỏi thành phần hồ sơ và thời hạn giải quyết.", "Mong được hẹn một lần, làm xong một lần."),
        ((_E, "Hồ sơ nộp tại Trung tâm phục vụ hành chính công của xã, phường bất kỳ trong tỉnh. Thành phần hồ sơ và mẫu đơn đã gửi kèm; đoàn đo đạc sẽ đến {p} theo lịch niêm yết."),),
    ),
    Topic(
        Kind.PROPOSAL,
        ("Đề nghị mở thêm lớp xoá mù công nghệ", "Đề nghị mở lớp dùng điện thoại cho người lớn tuổi ở {p}", "Đề nghị tổ công nghệ số về tận {p}"),
        ("Nhiều người lớn tuổi ở {p} chưa biết nộp hồ sơ trên mạng.", "Lớp lần trước đông, {n} người phải về vì hết chỗ.",
         "Con cháu đi làm xa nên các cụ không có ai chỉ giúp."),
        ("Đề nghị mở thêm lớp vào buổi tối hoặc cuối tuần.", "Mong có tài liệu in chữ lớn để các cụ xem lại."),
        ((_S, "Đã mở {n} lớp buổi tối tại nhà văn hoá; lịch học dán ở {p}. Tài liệu chữ lớn phát tại lớp."),
         (_P, "Đã có lịch một lớp cuối tuần; lớp ở {p} chờ mượn được máy chiếu.")),
    ),
    Topic(
        Kind.PROPOSAL,
        ("Đề nghị lắp gờ giảm tốc trước {p}", "Đề nghị làm vạch sang đường ở {p}", "Đề nghị đặt gương cầu lồi ở khúc cua {p}"),
        ("Trước {p} xe chạy nhanh, giờ tan học rất đông.", "Năm nay đã có {n} vụ va chạm ở đoạn này.", "Tầm nhìn bị che bởi hàng rào và biển quảng cáo."),
        ("Đề nghị lắp gờ giảm tốc và biển hạn chế tốc độ.", "Mong cơ quan giao thông khảo sát sớm."),
        ((_S, "Đã lắp {n} cụm gờ giảm tốc và sơn lại vạch sang đường trước {p}; ảnh kèm theo."),
         (_R, "Theo quy chuẩn báo hiệu, đoạn này không đủ điều kiện lắp gờ giảm tốc; thay vào đó đã cắm biển hạn chế 40 km/giờ.")),
    ),
    Topic(
        Kind.REPORT,
        ("Quán ở {p} mở loa quá to", "Tiếng ồn từ xưởng cạnh {p} {d}", "Karaoke ở {p} hát tới khuya"),
        ("{D} cơ sở cạnh {p} gây ồn tới quá 22 giờ.", "Người già và học sinh không nghỉ, không học được.", "Bà con đã nhắc {n} lần nhưng không chuyển biến."),
        ("Đề nghị đo tiếng ồn và xử lý theo quy định.", "Mong công an xã kiểm tra vào đúng giờ cao điểm."),
        ((_S, "Đã kiểm tra, lập biên bản và yêu cầu cơ sở ở {p} cam kết không gây ồn sau 22 giờ. Bà con thấy tái phạm xin báo ngay."),
         (_P, "Cơ sở đã ký cam kết; việc lắp vách cách âm hạn trong {n} ngày.")),
    ),
    Topic(
        Kind.REPORT,
        ("{p} ngập nặng sau mưa", "Cống thoát nước ở {p} tắc {d}", "Mương ở {p} bị lấn chiếm gây ngập"),
        ("{D} hễ mưa là {p} ngập tới đầu gối.", "Nước thải tràn vào {n} nhà.", "Cống bị rác và bùn lấp gần kín."),
        ("Đề nghị nạo vét cống trước mùa mưa bão.", "Mong xem lại độ dốc và cửa xả."),
        ((_S, "Đã nạo vét cống ở {p}, lấy đi {n} khối bùn; trận mưa tuần này nước đã rút nhanh."),
         (_P, "Đã thông tắc tạm thời; cải tạo cửa xả phải chờ vốn, dự kiến quý tới.")),
    ),
    Topic(
        Kind.REPORT,
        ("Chó thả rông ở {p}", "Trâu bò thả rông trên đường {p}", "Chó không rọ mõm cắn trẻ em ở {p}"),
        ("{D} ở {p} có {n} con chó thả rông, không rọ mõm.", "Đã có cháu nhỏ bị cắn phải đi tiêm phòng.", "Chủ nuôi nói là chó hiền, không chịu xích."),
        ("Đề nghị nhắc nhở, xử phạt và tổ chức tiêm phòng dại.",),
        ((_S, "Tổ kiểm tra đã đến từng hộ ở {p}, nhắc nhở và xử phạt theo quy định; {n} con đã tiêm phòng dại."),),
    ),
    Topic(
        Kind.QUESTION,
        ("Hỏi về danh sách cử tri ở {p}", "Đi làm xa có bầu cử ở nơi tạm trú được không?", "Hỏi nơi xem tiểu sử người ứng cử"),
        ("Tôi có hộ khẩu ở quê nhưng đang làm việc ở {p} được {n} tháng.", "Tôi chưa thấy tên mình trong danh sách niêm yết."),
        ("Xin hỏi phải đăng ký ở đâu và hạn cuối là ngày nào.",),
        ((_E, "Người tạm trú được ghi tên vào danh sách cử tri nơi tạm trú để bầu đại biểu các cấp theo quy định. Bà con mang căn cước tới nhà văn hoá {p} để kiểm tra và bổ sung tên."),),
    ),
    Topic(
        Kind.PROPOSAL,
        ("Đề nghị hỗ trợ giống sau bão cho {p}", "Đề nghị cấp giống lúa cho hộ bị ngập ở {p}", "Kiến nghị sửa kênh tưới ở {p}"),
        ("Đợt mưa bão vừa rồi {p} mất trắng khoảng {n} héc-ta.", "Bà con không còn giống cho vụ tới.", "Kênh tưới sạt lở, nước không về ruộng."),
        ("Đề nghị hỗ trợ giống, phân bón và gia cố kênh.", "Mong danh sách hỗ trợ được niêm yết công khai."),
        ((_S, "Đã phân bổ giống cho {n} hộ ở {p}; danh sách niêm yết tại nhà văn hoá và trên cổng này."),
         (_P, "Giống đã cấp đợt một; kênh tưới sẽ sửa sau khi nước rút.")),
    ),
    Topic(
        Kind.REPORT,
        ("Thu khoản đóng góp ở {p} không rõ mục đích", "Đề nghị công khai thu chi quỹ ở {p}", "Khoản vận động làm đường ở {p} chưa công khai"),
        ("{D} mỗi hộ ở {p} được vận động đóng {n} trăm nghìn đồng.", "Cuộc họp chưa thông qua mức đóng, nhiều hộ khó khăn cũng phải nộp.",
         "Chưa thấy niêm yết bảng thu chi."),
        ("Đề nghị Mặt trận giám sát và công khai thu chi.", "Mong có biên bản họp dân rõ ràng."),
        ((_S, "Ban Thanh tra nhân dân đã kiểm tra; bảng thu chi niêm yết tại nhà văn hoá {p}, {n} hộ khó khăn được hoàn lại tiền."),
         (_E, "Đây là khoản tự nguyện theo nghị quyết họp dân; biên bản và bảng thu chi kèm theo. Hộ không tham gia không bị ghi nợ.")),
    ),
    Topic(
        Kind.REPORT,
        ("Cán bộ một cửa ở {p} hướng dẫn không rõ", "Phải đi lại {n} lần mới xong giấy khai sinh", "Chờ quá lâu ở bộ phận một cửa"),
        ("Tôi nộp hồ sơ ở {p}, bị trả lại {n} lần, mỗi lần thiếu một giấy khác.", "Phiếu hẹn đã quá ngày mà không ai gọi.", "Người cao tuổi phải đứng chờ vì thiếu ghế."),
        ("Đề nghị niêm yết đủ giấy tờ cần có và xin lỗi khi trễ hẹn.",),
        ((_S, "Đã kiểm điểm, gửi thư xin lỗi và trả kết quả tận nhà. Bảng giấy tờ cần có đã niêm yết lại bằng chữ lớn."),
         (_E, "Hồ sơ thiếu giấy chứng sinh nên phải xác minh; nay đã xong, mời bà con tới nhận hoặc đăng ký nhận qua bưu điện.")),
    ),
)

PLACES: tuple[str, ...] = (
    "khu 1", "khu 2", "khu 3", "khu 5", "khu 7", "tổ 4", "tổ 6", "tổ 9", "tổ 12", "ngõ 12", "ngõ 35", "ngõ 88", "hẻm 24", "hẻm 105",
    "thôn Đông", "thôn Đoài", "thôn Trung", "thôn Thượng", "thôn Hạ", "xóm Chùa", "xóm Bến", "xóm Mới", "ấp 2", "ấp 4", "ấp Tân Lập",
    "bản Nà Lốc", "bản Hua Tát", "buôn Kô Tam", "khóm 3", "khóm 6", "trường mầm non", "trường tiểu học", "trường trung học cơ sở",
    "chợ trung tâm", "chợ cũ", "nhà văn hoá", "trạm y tế", "bến đò", "cầu Máng", "cầu Trắng", "ngã ba đình", "ngã tư bưu điện",
    "đường liên xã", "đường đê", "bờ kênh", "khu tái định cư", "khu công nhân", "bến xe", "sân vận động", "nghĩa trang liệt sĩ",
    "hồ điều hoà", "trạm bơm", "cổng làng", "đầu dốc", "cánh đồng Mả Giang", "ven sông", "khu dân cư số 8", "chung cư A3",
)  # fmt: skip
_TIMES = ("từ đầu tháng", "hai tuần nay", "gần một tháng nay", "từ sau Tết", "ba ngày nay", "mấy tháng nay", "từ đợt mưa vừa rồi", "cả tuần nay")
_OPENINGS = ("", "Kính gửi Mặt trận. ", "Tôi xin phản ánh như sau. ", "Bà con chúng tôi xin trình bày. ")
_CLOSINGS = ("", " Xin cảm ơn.", " Rất mong sớm được trả lời.", " Bà con trông chờ lắm.")


def make_sample(chance: random.Random) -> Sample:
    """Return an invented petition with a fitting answer."""
    topic = chance.choice(TOPICS)
    place, stretch, number = chance.choice(PLACES), chance.choice(_TIMES), str(chance.randint(2, 40))
    words = {"p": place, "d": stretch, "D": stretch[0].upper() + stretch[1:], "n": number}
    facts = chance.sample(topic.facts, min(len(topic.facts), chance.randint(2, 3)))
    body = chance.choice(_OPENINGS) + " ".join([*facts, chance.choice(topic.wishes)]) + chance.choice(_CLOSINGS)
    outcome, answer = chance.choice(topic.answers)
    title = chance.choice(topic.titles).format_map(words)
    return Sample(
        kind=topic.kind,
        title=title[0].upper() + title[1:],
        body=body.format_map(words),
        place=place[0].upper() + place[1:],
        answer="Kính gửi bà con,\n" + answer.format_map(words),
        outcome=outcome,
    )
