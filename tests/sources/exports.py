"""Small invented exports of the statistics portal: two tables over the same three days, newest day first."""

import base64
import zlib
from datetime import datetime
from pathlib import Path

import xlsxwriter

CREDIT = """신용공여 잔고 추이,,,,,,,,
"(단위: 백만원)",,,,,,,,
날짜,신용거래융자,,,신용거래대주,,,청약자금대출,예탁증권담보융자
,전체,유가증권,코스닥,전체,유가증권,코스닥,,
2024/01/04,"3,200","2,100","1,100",9,8,1,-,"4,200"
2024/01/03,"3,100","2,050","1,050",9,8,1,-,"4,100"
2024/01/02,"3,000","2,000","1,000",9,8,1,-,"4,000"
"""
FLOWS = """증시자금추이,,,,,,
"(단위 : 백만원, %)",,,,,,
날짜,"투자자예탁금
(장내파생상품
거래예수금제외)",장내파생상품 거래 예수금,대고객 환매조건부채권(RP) 매도잔고,\
위탁매매 미수금,위탁매매 미수금 대비 실제 반대매매금액,미수금 대비 반대매매비중(%)
20240104,"9,200",70,80,60,2,3.3
20240103,"9,100",70,80,20,15,30.0
20240102,"9,000",70,80,50,5,10.0
주) 위탁매매 미수금은 결제일 기준,,,,,,
"""
MILLION = 10**6


def workbook(path: Path, unit: str = "(단위: 백만원, %)", factor: float = 1) -> Path:
    """The table of credit as a spreadsheet: merged cells, days as days, figures as figures, an empty first column."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("신용공여")
    day = book.add_format({"num_format": "yyyy/mm/dd"})
    sheet.write(1, 1, "신용공여 잔고 추이")
    sheet.write(2, 5, unit)
    sheet.merge_range(3, 1, 4, 1, "날짜")
    sheet.merge_range(3, 2, 3, 4, "신용거래융자")
    sheet.write_row(4, 2, ["전체", "유가증권", "코스닥"])
    sheet.merge_range(3, 5, 4, 5, "예탁증권\n담보융자")
    for row, (date, *figures) in enumerate([(4, 3200, 2100, 1100, 4200), (3, 3100, 2050, 1050, 4100)]):
        sheet.write_datetime(5 + row, 1, datetime(2024, 1, date), day)
        sheet.write_row(5 + row, 2, [figure * factor for figure in figures])
    book.close()
    return path


def old_workbook(path: Path) -> Path:
    """A spreadsheet of the form before 2007: 3 and 2 January 2024, margin loans 330 (220, 110) and 300 (200, 100)."""
    path.write_bytes(zlib.decompress(base64.b85decode("".join(OLD.split()))))
    return path


OLD = """
c-rk)T}TvB6#nkatowsMyQYx_vIv=);9o%mwic96iA7L|P?|!as4TtIOP2XoAoWsFkl>48W)hiYQa-
o}f>J>c1#2M$Jp~0lsM9%TXJj=WTqyftzG2RsbMF1_J@<F+%<N1c+VdcL4y&*iI+jc?lHz=dZm(_lLFuN+s{QoPZ94d;;PuczCb{r5W!lYS$m2
Z+4THuDlE4SL>(Gwsw$`TL24cU&P_H<K3X%%9$&-pKi7H*>DUq8*-
j|%CA}hsnRb&O_jjCGAgsKa7TeJAMmMdwg;BtqB^Hw~i$iyVi;tSm>me+-S;WPCue`i9Dk&Ir@xK%Z^Hihe3qR5~D?8P@T2z<3y>hqxE-
&nr_`M<C9yVvkv*9@Qo=1H00UGTwc$N;Ol*9$l;8>&Y(U6qedLq=o|6;L`lJu*8{z;pNR;Jc|LsOWg#M0@{@;a!pL2ziakhtmdBFoOO&Q&;ZkP
)BEa$LEK9Kv_xI&f=2N;*#=sqs+&3$VT8_u@R)m0!b#>h&0gyvP}FG)k5Ewmxmf^LMO!2A#uiD5!<*`FmaI?L{60ymq<=26vhsbm!#CKqGyZDp
q%u~tI4#KgPoG+vZUrwJ>`N|q3v;cKIvVb4?oW7`WPx8eV}UYe8#|=P!Dpc_Zo@MS0{>8k-
Bx0F%q($%Gyrei_H3IYw>7)t8J$B9!$d`e4++Kat<Y}TbV;i4wf;??!PgyG_nHpnq{`Oiakbc(5&*A8|!<0*<!A-
Z0TgVtT^;F;?Sie9?@smLKc@*=we@3XZeIejKyKB!8U~Lw%CTShYa@R3j3O{=cN~8{j5vt<QSo)<B_P9aR&(>95`^`z<~n?4jlX;@ZprtXS#Jb
cUeb&xAk9Vk?tkuH_3mCBWR=REPYoVKr21NIG51;*$kJm%Tnv)*#8R|$Efx&n$aL}G$%ZN>7zr%w`bi%|F2s@iPpcANSwd9{vVG@>i7
"""
