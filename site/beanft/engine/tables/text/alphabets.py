"""The letters of languages and how much a text looks like one of them."""

from collections.abc import Mapping
from dataclasses import dataclass

_SIGNS = "“”‘’„‚«»‹›–—…•·¿¡§°€£¥©®™½¼¾²³¹ªºµ×±\xa0\xad"
"""Signs that stand beside words and figures in any language."""
_CLOSED = set("£€¥§©®™½¼¾²³¹µ×±")  # signs that no small letter follows
_WIDE_SIGNS = set("、。，・「」『』（）％：；！？～－ー　·《》【】")
_MISPLACED = 0.5  # weight of a letter that stands alone, or inside a word where it only starts one


@dataclass(frozen=True)
class Letters:
    """The letters beyond ASCII of one language, or of neighbours that are written with the same ones."""

    usual: frozenset[str]
    """Weight 1."""
    others: frozenset[str] = frozenset()
    """Further letters of the language."""
    other_weight: float = 0.8
    """Weight of the others."""
    starting: frozenset[str] = frozenset()
    """Letters that stand at the start of words only."""
    is_latin: bool = True
    """Whether they stand beside ASCII letters in words."""
    is_wide: bool = False
    """Whether the script knows no case and no blanks."""


def _latin(letters: str) -> Letters:
    return Letters(frozenset(letters))


_CYRILLIC = frozenset(map(chr, range(0x430, 0x450))) | frozenset("ёђѓєѕіїјљњћќўџґ")
_SERBIAN = frozenset("абвгдђежзијклљмнњопрстћуфхцчџшѓѕќ")
_GREEK = frozenset(map(chr, range(0x3AC, 0x3CF)))
_KANA = frozenset(map(chr, [*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), 0x30FC]))
_HANZI = frozenset(map(chr, range(0x4E00, 0x9FA6)))
_HANGUL = frozenset(map(chr, range(0xAC00, 0xD7A4)))
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情"
    "明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给"
    "世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太"
    "量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运京津广州深圳杭苏庆都武汉江河湖"
    "村县省街号价格单客户订李陈刘杨黄赵周吴徐孙"
)
_KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米"
    "力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都"
    "和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査"
    "勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島"
    "直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有口過局少放税検町常校料工建語球営空職証土急止送援"
    "供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足消神番規術護展態導備宅害配副算視条警究育席輸訪楽起万着乗店述"
    "残想線率病農州質待試族助労例衛然早限親額監環験追商形景担好準訴造英頭技低毎医復仕去姿味負失移差個門写課末守種美命福量望観察"
    "整段横型深字答夜製票況音財港識注呼達祝休祭敬老春秋夏冬昭振替曜号室宮城岡札幌幡奈浜渋谷宿沢藤佐鈴伊渡辺斎吉松渕池森橋鹿児沖"
    "縄熊崎媛香徳岐阜静愛潟栃茨埼玉群馬葉梨富青岩阪兵庫滋賀歌鳥根良郎太恵智健誠弘幸久花風赤白黒客購単込丁郵便属類齢"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方"
    "多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情"
    "明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給"
    "世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太"
    "量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象"
    "完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運臺灣京津廣州北投桃園縣市區街號"
    "價單客戶訂李陳劉楊黃趙周吳徐孫雄竹"
)

LETTERS: dict[str, Letters] = {
    "German": _latin("äöüß"),
    "French": _latin("éèàêçùâîôûëïœ"),
    "Spanish": _latin("áéíóúñü"),
    "Portuguese": _latin("ãçáéíóúõâêôà"),
    "Italian": _latin("àèéìòù"),
    "Nordic": _latin("åäöæøé"),
    "Icelandic": Letters(frozenset("áðéíóúýþæö"), starting=frozenset("þ")),
    "Western": Letters(
        frozenset(), frozenset("äöüßéèàêçùâîôûëïœáíóúñãõåæøìòýðþ"), 0.93, starting=frozenset("þ")
    ),
    "Polish": _latin("ąćęłńóśźż"),
    "Czech": _latin("áčďéěíňóřšťúůýžäĺľôŕ"),
    "Hungarian": _latin("áéíóöőúüű"),
    "Romanian": _latin("ăâîşţ"),
    "Croatian": _latin("čćđšž"),
    "Central": Letters(frozenset(), frozenset("ąćęłńóśźżáčďéěíňřšťúůýžäĺľôŕöőüűăâîşţđ"), 0.85),
    "Turkish": _latin("çğıöşüâîİ"),
    "Lithuanian": _latin("ąčęėįšųūž"),
    "Latvian": _latin("āčēģīķļņšūž"),
    "Estonian": _latin("äöõüšž"),
    "Cyrillic": Letters(frozenset("оеаинтсрвлкмдпуяь"), _CYRILLIC, is_latin=False),
    "Serbian": Letters(frozenset("оеаинтсрвлкмдпујљњ"), _SERBIAN, is_latin=False),
    "Greek": Letters(frozenset("αοιετσνηυρπκμλςάίόέ"), _GREEK, is_latin=False),
    "Japanese": Letters(_KANA | frozenset(f"{_KANJI}々"), _HANZI, 0.7, is_latin=False, is_wide=True),
    "Simplified": Letters(frozenset(_SIMPLIFIED), _HANZI, 0.7, is_latin=False, is_wide=True),
    "Traditional": Letters(frozenset(_TRADITIONAL), _HANZI, 0.7, is_latin=False, is_wide=True),
    "Korean": Letters(_HANGUL, is_latin=False, is_wide=True),
}
"""Languages, or groups of them, by name."""

_WEST = ("German", "French", "Spanish", "Portuguese", "Italian", "Nordic", "Icelandic", "Western")
_CENTRE = ("Polish", "Czech", "Hungarian", "Romanian", "Croatian", "Central")
ENCODINGS_OF: Mapping[str, tuple[str, ...]] = {
    "cp1252": _WEST,
    "iso8859-1": _WEST,
    "cp1250": _CENTRE,
    "cp1251": ("Cyrillic", "Serbian"),
    "cp1253": ("Greek",),
    "cp1254": ("Turkish",),
    "cp1257": ("Lithuanian", "Latvian", "Estonian"),
    "cp932": ("Japanese",),
    "gb18030": ("Simplified",),
    "big5": ("Traditional",),
    "euc-kr": ("Korean",),
    "euc-jp": ("Japanese",),
    "iso8859-15": _WEST,
    "iso8859-2": _CENTRE,
    "koi8-r": ("Cyrillic", "Serbian"),
    "iso8859-7": ("Greek",),
    "iso8859-9": ("Turkish",),
    "iso8859-5": ("Cyrillic", "Serbian"),
    "koi8-u": ("Cyrillic", "Serbian"),
    "mac-roman": _WEST,
    "cp850": _WEST,
    "cp437": _WEST,
    "cp852": _CENTRE,
    "cp866": ("Cyrillic", "Serbian"),
}
"""The languages written in an encoding, the likelier encodings first."""


def likeness(text: str, letters: Letters) -> float:
    """Tell how much the signs beyond ASCII look like those of a language.

    Parameters
    ----------
    text : str
        What an encoding made of the bytes.
    letters : Letters
        The language.

    Returns
    -------
    float
        The mean weight of the signs, from 0 (rubbish) to 1; 0 when there are none.

    Examples
    --------
    >>> likeness("Größe", LETTERS["German"]), likeness("GrË§e", LETTERS["German"])
    (1.0, 0.0)
    """
    places = [at for at, sign in enumerate(text) if sign > "\x7f"]
    return sum(_weight(text, at, letters) for at in places) / len(places) if places else 0.0


def _weight(text: str, at: int, letters: Letters) -> float:
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if not sign.isalpha():
        return _sign_weight(sign, before, after, letters)
    small = sign.lower()[:1] if sign != "İ" else sign
    if small in letters.usual:
        weight = 1.0
    elif small in letters.others:
        weight = letters.other_weight
    else:
        return 0.0
    if letters.is_wide:
        return weight
    if sign != small and before.islower():
        return 0.0  # a capital inside a word
    neighbours = [one for one in (before, after) if one.isalpha()]
    if not neighbours or (small in letters.starting and before.isalpha()):
        return _MISPLACED
    if letters.is_latin:
        foreign = sum(c > "\x7f" and c.isalpha() for c in text[max(0, at - 2) : at + 3])
        return weight if foreign <= 3 else 0.0
    return 0.0 if any(one < "\x80" for one in neighbours) else weight


def _sign_weight(sign: str, before: str, after: str, letters: Letters) -> float:
    if letters.is_wide and sign in _WIDE_SIGNS:
        return 0.9
    if sign not in _SIGNS or (sign in _CLOSED and after.isalpha() and after.islower()):
        return 0.0
    inside = before.isalpha() and after.isalpha() and sign not in "’·\xad"
    return 0.0 if inside else 0.85
