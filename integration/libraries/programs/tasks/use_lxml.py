"""lxml: XML, XPath and XSLT."""


def parses_and_transforms():
    from lxml import etree

    tree = etree.fromstring(b"<list>" + b"".join(b'<item n="%d"/>' % n for n in range(5000)) + b"</list>")
    sheet = etree.XML(
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:template match="/"><sum><xsl:value-of select="sum(//@n)"/></sum></xsl:template></xsl:stylesheet>'
    )
    return [tree.xpath("sum(//@n)"), etree.XSLT(sheet)(tree).getroot().text]


def reads_html_in_threads():
    from concurrent.futures import ThreadPoolExecutor

    from lxml import html

    def read(n):
        return html.fromstring("<p>%d<b>bold</b></p>" % n).text_content()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(read, range(20)))[-1]
