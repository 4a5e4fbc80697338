"""A small library in ten languages to search in."""

from __future__ import annotations

from sync.feed.records import TitleRecord

LIBRARY = (
    TitleRecord(
        id="hlm", title="红楼梦", author="曹雪芹", subjects=("古典小说",), isbn=("9787020002207",), language="zh"
    ),
    TitleRecord(id="hlm2", title="红楼梦魇", author="张爱玲", language="zh"),
    TitleRecord(id="study", title="中国古典名著红楼梦赏析", author="周汝昌", language="zh"),
    TitleRecord(id="nahan", title="呐喊", author="鲁迅", subjects=("短篇小说",), isbn=("7020000673",), language="zh"),
    TitleRecord(id="c", title="C语言程序设计", author="谭浩强", language="zh"),
    TitleRecord(id="time", title="你好，旧时光", author="八月长安", language="zh"),
    TitleRecord(id="lv", title="女生的旅行", author="吕律", language="zh"),
    TitleRecord(id="dragon", title="射鵰英雄傳", author="金庸", language="zh-Hant"),
    TitleRecord(
        id="gatsby", title="The Great Gatsby", author="F. Scott Fitzgerald", isbn=("978-0-7432-7356-5",), language="en"
    ),
    TitleRecord(id="alice", title="Alice's Adventures in Wonderland", author="Lewis Carroll", language="en"),
    TitleRecord(id="cpp", title="A Tour of C++", author="Bjarne Stroustrup", subjects=("Programming",), language="en"),
    TitleRecord(id="eyre", title="Jane Eyre", author="Charlotte Brontë", isbn=("155404295X",), language="en"),
    TitleRecord(id="norway", title="ノルウェイの森", author="村上春樹", language="ja"),
    TitleRecord(id="cat", title="吾輩は猫である", author="夏目漱石", language="ja"),
    TitleRecord(id="library", title="図書館戦争", author="有川浩", language="ja"),
    TitleRecord(id="history", title="한국의 역사를 읽다", author="이기백", language="ko"),
    TitleRecord(id="stranger", title="L'Étranger", author="Albert Camus", subjects=("Roman français",), language="fr"),
    TitleRecord(id="hearts", title="Cœurs et âmes", author="Anaïs Nin", language="fr"),
    TitleRecord(id="years", title="Cien años de soledad", author="Gabriel García Márquez", language="es"),
    TitleRecord(id="size", title="Die Größe der Straße", author="Jürgen Müller", language="de"),
    TitleRecord(id="snow", title="Frøken Smillas fornemmelse for sne", author="Peter Høeg", language="da"),
    TitleRecord(id="crime", title="Преступление и наказание", author="Фёдор Достоевский", language="ru"),
    TitleRecord(id="tree", title="Ёлка", author="Борис Лавров", language="ru"),
    TitleRecord(id="thief", title="اللِّصُّ والكِلابُ", author="نجيب محفوظ", language="ar"),
    TitleRecord(id="book", title="الكتاب الأخير", author="أحمد علي", language="ar"),
    TitleRecord(id="emma1", title="Emma", author="Jane Austen", language="en"),
    TitleRecord(id="emma2", title="Emma Brown", author="Clare Boylan", language="en"),
    TitleRecord(id="emma3", title="Dear Emma", author="Somebody Else", language="en"),
    TitleRecord(id="emma4", title="Nothing of the Kind", author="Emma Orczy", language="en"),
    TitleRecord(id="emma5", title="Sense", author="Somebody Else", subjects=("Emma, a novel",), language="en"),
)
