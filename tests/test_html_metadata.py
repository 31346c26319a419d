"""What the markup of a page states, where each field is from, and what is not taken from it."""

from __future__ import annotations

import json

import pytest

from corpus.document import Document, Field
from corpus.loaders.html import load
from corpus.loaders.markdown import load as load_markdown
from corpus.loaders.page_metadata import BROKEN

TITLE = "Ferry to Ellery stops for the winter"
URL = "https://www.valegazette.example/a/ferry"
PARAGRAPHS = [
    "The ferry to Ellery has carried post and people since the war, and nobody could say when it would be back.",
    "Nell Ashgrove, who keeps the harbour, said she had seen the ice come in at two in the morning.",
    "The harbour council meets on Friday to decide whether the boat is to be sold before the spring.",
]


def page(head: str = "", *, before: str = "", html: str = "<html>", paragraphs: list[str] = PARAGRAPHS) -> Document:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    markup = (
        f"<!DOCTYPE html>{html}<head><meta charset=utf-8>{head}</head><body>{before}<article>{body}</article></body>"
    )
    return load(markup.encode(), "ferry.html")


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def meta(**tags: str) -> str:
    return "".join(f'<meta property="{name.replace("_", ":", 1)}" content="{value}">' for name, value in tags.items())


def fields(document: Document) -> dict[str, Field]:
    """The header's fields and their origins, without the language that is read from the text."""
    known = {field: Field(getattr(document.header, field), origin) for field, origin in document.origins.items()}
    return {field: given for field, given in known.items() if given.origin != "the text itself"}


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": TITLE,
    "datePublished": "2022-01-06T07:00:00Z",
    "dateModified": "2023-03-03",
    "author": [{"@type": "Person", "name": "Nell Ashgrove"}, {"@type": "Person", "name": "Tom Pell"}],
    "publisher": {"@type": "Organization", "name": "The Vale Gazette"},
    "inLanguage": "en-GB",
    "mainEntityOfPage": {"@type": "WebPage", "@id": URL},
}
ALL_FROM_JSON_LD = {
    "title": Field(TITLE, "JSON-LD"),
    "outlet": Field("The Vale Gazette", "JSON-LD"),
    "byline": Field("Nell Ashgrove, Tom Pell", "JSON-LD"),
    "published": Field("2022-01-06", "JSON-LD"),
    "url": Field(URL, "JSON-LD"),
    "language": Field("en", "JSON-LD"),
}
GRAPH = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "@id": "#site", "name": "Vale Gazette online"},
        {"@type": "WebPage", "@id": URL, "url": URL, "name": "a page", "datePublished": "2022-01-07"},
        {**ARTICLE, "author": [{"@id": "#nell"}, {"@id": "#tom"}], "publisher": {"@id": "#gazette"}},
        {"@type": "Person", "@id": "#nell", "name": "Nell Ashgrove"},
        {"@type": ["Person"], "@id": "#tom", "name": "Tom Pell"},
        {"@type": "Organization", "@id": "#gazette", "name": "The Vale Gazette"},
    ],
}


@pytest.mark.parametrize(
    "head",
    [
        linked(ARTICLE),
        linked([{"@type": "BreadcrumbList"}, ARTICLE]),
        linked([[[ARTICLE]]]),
        linked(GRAPH),
        linked({"@type": "WebPage", "mainEntity": ARTICLE}),
        linked({**ARTICLE, "@type": ["BlogPosting", "Thing"], "author": "Nell Ashgrove, Tom Pell"}),
        linked({**ARTICLE, "@type": "https://schema.org/ReportageNewsArticle"}),
        f'<script type="application/ld+json">//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]></script>',
        f'<script type="application/ld+json"><!-- {json.dumps(ARTICLE)} --></script>',
    ],
    ids="alone list nested graph main-entity blog address cdata comment".split(),
)
def test_json_ld_gives_every_field_however_it_is_wrapped(head: str) -> None:
    assert fields(page(head)) == ALL_FROM_JSON_LD


def test_of_several_articles_the_one_with_the_pages_address_or_headline_is_meant() -> None:
    other = {
        **ARTICLE,
        "headline": "Weir mended",
        "author": "Cy Dell",
        "mainEntityOfPage": "https://other.example/weir",
    }
    both = linked([other, ARTICLE])
    canonical = f"<link rel=canonical href='{URL}'>"
    for way_to_tell in (canonical, f"<title>{TITLE}</title>", meta(og_title=TITLE)):
        assert fields(page(both + way_to_tell))["byline"] == Field("Nell Ashgrove, Tom Pell", "JSON-LD")


def test_of_several_articles_that_cannot_be_told_apart_none_is_taken() -> None:
    document = page(linked([{**ARTICLE, "headline": "Weir mended"}, {**ARTICLE, "headline": "Mill burns"}]))
    assert fields(document) == {}


def test_what_is_about_another_thing_is_not_taken() -> None:
    event = {"@type": "Event", "name": "Regatta", "startDate": "2022-05-01", "organizer": {"name": "Harbour club"}}
    job = {"@type": "JobPosting", "title": "Ferryman", "datePosted": "2022-05-01"}
    changed = {"@type": "NewsArticle", "dateModified": "2023-03-03", "dateCreated": "2021-01-01"}
    assert fields(page(linked(event) + linked(job) + linked(changed))) == {}


@pytest.mark.parametrize("text", ['{"headline": "Weir', "{'headline': 'Weir mended'}", "[" * 100_000, "{" * 50])
def test_broken_json_ld_is_skipped_and_that_is_noted(text: str) -> None:
    document = page(f'<script type="application/ld+json">{text}</script>' + meta(og_title=TITLE))
    assert fields(document) == {"title": Field(TITLE, "meta tag og:title")}
    assert document.notes == (BROKEN,)


@pytest.mark.parametrize(
    "value",
    [None, 7, True, [], {}, [None, 3], {"name": 5}, {"name": []}, {"name": None}, [[["x"]]], "https://x.example"],
)
def test_a_value_of_an_unexpected_kind_says_nothing(value: object) -> None:
    keys = ("author", "publisher", "datePublished", "mainEntityOfPage", "headline", "inLanguage", "url")
    read = fields(page(linked({"@type": "NewsArticle", **dict.fromkeys(keys, value)})))
    assert {field for field in read if field not in ("title", "url", "outlet")} == set()
    assert value == "https://x.example" or read == {}


def test_meta_tags_give_every_field_and_each_says_which_tag_it_was() -> None:
    tags = meta(
        og_title=TITLE,
        og_site_name="The Vale Gazette",
        article_author="Nell Ashgrove",
        article_published_time="2022-01-06T07:00:00Z",
        article_modified_time="2023-03-03",
        og_url=URL,
        og_locale="en_GB",
    ).replace("site:name", "site_name")
    assert fields(page(tags)) == {
        "title": Field(TITLE, "meta tag og:title"),
        "outlet": Field("The Vale Gazette", "meta tag og:site_name"),
        "byline": Field("Nell Ashgrove", "meta tag article:author"),
        "published": Field("2022-01-06", "meta tag article:published_time"),
        "url": Field(URL, "meta tag og:url"),
        "language": Field("en", "meta tag og:locale"),
    }


def test_the_tags_of_libraries_are_read_too() -> None:
    tags = (
        f"<meta name='DC.title' content='{TITLE}'><meta name=citation_author content='Ashgrove, Nell'>"
        "<meta name=citation_author content='Pell, Tom'><meta name='DC.publisher' content='Vale Review'>"
        "<meta name=citation_publication_date content='2022/01/06'><meta name='DC.language' content=eng>"
    )
    assert fields(page(tags)) == {
        "title": Field(TITLE, "meta tag dc.title"),
        "outlet": Field("Vale Review", "meta tag dc.publisher"),
        "byline": Field("Ashgrove, Nell, Pell, Tom", "meta tag citation_author"),
        "published": Field("2022-01-06", "meta tag citation_publication_date"),
        "language": Field("en", "meta tag dc.language"),
    }


def test_the_most_formal_statement_wins() -> None:
    tags = meta(og_title="Boat sold", article_published_time="2020-02-02", og_url="https://other.example/x")
    shown = "<time datetime='2019-01-01'>then</time>"
    document = page(linked(ARTICLE) + tags + f"<link rel=canonical href='{URL}'><title>x</title>", before=shown)
    assert fields(document) == ALL_FROM_JSON_LD | {"url": Field(URL, "canonical link")}
    assert fields(page(tags, before=shown))["published"] == Field("2020-02-02", "meta tag article:published_time")


@pytest.mark.parametrize(
    ("before", "published"),
    [
        ("<time datetime='2022-01-06T07:05'>today</time>", Field("2022-01-06", "time element")),
        ("<time>January 2022</time>", Field("2022-01", "time element")),
        ("<span class=date>6 January 2022</span>", Field("2022-01-06", "date shown on the page")),
        ("<div class=published>By Nell Ashgrove | 6 January 2022</div>", Field("2022-01-06", "date shown on the page")),
        ("<time datetime='2022-01-06'>Updated 6 January 2022</time>", None),
        ("<time itemprop=dateModified datetime='2022-01-06'>6 January 2022</time>", None),
        ("<span class=date>6 January 2022 – 9 March 2022</span>", None),
        ("<span class=date>2022</span>", None),
    ],
)
def test_a_date_shown_is_of_publication_unless_it_is_marked_as_that_of_a_change(
    before: str, published: Field | None
) -> None:
    assert fields(page(before=before)).get("published") == published


def test_a_date_stated_as_a_year_is_a_year() -> None:
    assert fields(page(linked({**ARTICLE, "datePublished": "2022"})))["published"].value == "2022"
    assert fields(page(linked({**ARTICLE, "datePublished": "2022-01"})))["published"].value == "2022-01"
    assert "published" not in fields(page(linked({**ARTICLE, "datePublished": "05/06/2022"})))


def test_a_host_is_the_last_resort_for_an_outlet() -> None:
    canonical = f"<link rel=canonical href='{URL}'>"
    assert fields(page(canonical))["outlet"] == Field("valegazette.example", "address")
    named = canonical + f"<title>{TITLE} | The Vale Gazette</title>"
    assert fields(page(named))["outlet"] == Field("The Vale Gazette", "page title")
    live = canonical + f"<title>{TITLE} | Live page of today</title>"
    assert fields(page(live))["outlet"] == Field("valegazette.example", "address")
    site = live + "<meta property='og:site_name' content='Gazette of the Vale'>"
    assert fields(page(site))["outlet"] == Field("Gazette of the Vale", "meta tag og:site_name")


def test_a_notice_of_first_appearance_does_not_take_the_page_from_its_outlet() -> None:
    paragraphs = [*PARAGRAPHS, "This article first appeared in Orm Courier."]
    canonical = f"<link rel=canonical href='{URL}'>"
    assert fields(page(canonical, paragraphs=paragraphs))["outlet"] == Field("valegazette.example", "address")
    stated = fields(page(linked(ARTICLE), paragraphs=paragraphs))
    assert stated["outlet"] == Field("The Vale Gazette", "JSON-LD")


@pytest.mark.parametrize("sign", [" | ", " - ", " – ", " — "])
def test_a_headline_is_freed_of_its_outlet_where_that_is_known(sign: str) -> None:
    named = "<meta property='og:site_name' content='Vale Gazette'>"
    for title in (f"<title>{TITLE}{sign}The Vale Gazette</title>", meta(og_title=f"{TITLE}{sign}Vale Gazette")):
        assert page(named + title).header.title == TITLE
    assert page(meta(og_title=f"{TITLE}{sign}a farewell") + named).header.title == f"{TITLE}{sign}a farewell"


def test_a_heading_that_is_only_the_name_of_the_site_is_not_the_title() -> None:
    named = f"<meta property='og:site_name' content='Vale Gazette'><title>{TITLE} | Vale Gazette</title>"
    assert fields(page(named, before="<h1>Vale Gazette</h1>"))["title"] == Field(TITLE, "page title")
    assert fields(page(before=f"<h1>{TITLE}</h1>"))["title"] == Field(TITLE, "heading")


def test_a_title_stated_with_an_outlet_that_the_page_title_names_is_freed_of_it() -> None:
    document = page(meta(og_title=f"{TITLE} | The Vale Gazette") + "<title>Ferry stops | The Vale Gazette</title>")
    assert fields(document) == {
        "title": Field(TITLE, "meta tag og:title"),
        "outlet": Field("The Vale Gazette", "page title"),
    }


def test_a_heading_is_not_lengthened_by_what_the_page_title_has_besides() -> None:
    title = f"<title>{TITLE} – harbour and sound | The Vale Gazette</title>"
    assert fields(page(title, before=f"<h1>{TITLE}</h1>"))["title"] == Field(TITLE, "heading")


def test_handles_and_profiles_are_no_names() -> None:
    tags = (
        "<meta property='article:author' content='https://social.example/nell'>"
        "<meta property='og:site_name' content='@valegazette'><meta name=author content='@nell'>"
    )
    assert fields(page(tags)) == {}


@pytest.mark.parametrize("href", ["/a/ferry", "ferry", "javascript:alert(1)", "https://[", "", "https://"])
def test_a_canonical_link_that_is_no_whole_address_is_none(href: str) -> None:
    assert "url" not in fields(page(f"<link rel=canonical href='{href}'>"))


@pytest.mark.parametrize(("tag", "language"), [("en-GB", "en"), ("EN", "en"), ("en_US", "en"), ("x-klingon", None)])
def test_the_language_of_a_page_is_that_of_its_root_element(tag: str, language: str | None) -> None:
    given = fields(page(html=f"<html lang='{tag}'>")).get("language")
    assert given == (Field(language, "html lang") if language else None)


def test_a_page_whose_language_is_that_of_its_template_is_read_as_what_it_is() -> None:
    document = page(
        html="<html lang=en>",
        paragraphs=[
            "Die Fähre nach Ellery fährt im Winter nicht mehr, und niemand am Hafen weiß, wann sie zurückkommt.",
            "Der Rat entscheidet am Freitag, ob das Boot vor dem Frühjahr verkauft wird, sagte die Hafenmeisterin.",
        ],
    )
    assert (document.header.language, document.origins["language"]) == ("de", "the text itself")
    assert document.notes == ("states that its language is 'en', but the text is in 'de'",)


@pytest.mark.parametrize(
    "head",
    [
        linked([[{"@type": "NewsArticle"}] * 1_000] * 100),
        '<script type="application/ld+json">-->' + " " * 100_000 + "x</script>",
        "<meta name=date content='" + "1 " * 50_000 + "'>",
        "<title>" + " - x" * 25_000 + "</title>",
        "<i class=date>6</i>" * 2_000,
        "<link rel=canonical href='https://" + "a/" * 50_000 + "'>",
    ],
    ids="nodes comment date title elements address".split(),
)
def test_markup_without_end_says_nothing_and_hides_nothing(head: str) -> None:
    document = page(head)
    assert [document.text.count(paragraph) for paragraph in PARAGRAPHS] == [1, 1, 1]
    assert (document.header.published, document.header.byline) == (None, None)


# Markdown


def markdown(front_matter: str) -> Document:
    body = "\n\n".join(PARAGRAPHS)
    return load_markdown(f"---\n{front_matter}---\n\n{body}\n".encode(), "ferry.md")


def test_front_matter_states_the_language_too() -> None:
    for line in ("lang: en-GB\n", "language: English\n", "Language: eng\n"):
        assert fields(markdown(line)) == {"language": Field("en", "front matter")}
    assert markdown("lang: nonsense\n").origins == {"language": "the text itself"}


def test_front_matter_that_is_no_yaml_is_read_line_by_line() -> None:
    document = markdown(
        f"title: Ferry: it stops\nauthor: 'Nell Ashgrove'\ndate: 2022-01-06 07:00\nlink: {URL}\ntags: [ferry\n"
        "summary: |\n  title: another\n"
    )
    assert fields(document) == {
        "title": Field("Ferry: it stops", "front matter"),
        "byline": Field("Nell Ashgrove", "front matter"),
        "published": Field("2022-01-06", "front matter"),
        "url": Field(URL, "front matter"),
        "outlet": Field("valegazette.example", "address"),
    }


def test_a_simple_line_is_read_for_its_plain_value_only() -> None:
    broken = "a: b: c\n"
    assert fields(markdown(broken + "title: [Ferry\nauthor: &nell\noutlet: {\nurl:\n")) == {}
    assert fields(markdown(broken + 'title: "\n'))["title"].value == '"'


def test_a_heading_in_the_text_is_the_title_where_the_front_matter_has_none() -> None:
    document = load_markdown(f"---\nauthor: Nell Ashgrove\n---\n# {TITLE}\n\n{PARAGRAPHS[0]}\n".encode(), "ferry.md")
    assert fields(document)["title"] == Field(TITLE, "first heading")
