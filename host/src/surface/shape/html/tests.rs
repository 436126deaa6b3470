//! What a person sees of HTML, what is hidden from people, and HTML that is made to take long.

use std::time::{Duration, Instant};

use super::*;

fn read(html: &str) -> String {
    Reader::default().read(html).text
}

#[test]
fn html_is_read_as_a_person_sees_it() {
    for (html, seen) in [
        (
            "<div>Hello,<br>since I reset  my <b>pass</b>word &amp; more<p>Sarah</p></div>",
            "Hello,\nsince I reset my password & more\nSarah",
        ),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>", "a b\nc"),
        ("<ul><li>one</li><li><p>two</p></li></ul>three", "- one\n- two\nthree"),
        ("<div>one</div><div><br></div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("<pre>a\n  b\n\n\nc</pre>", "a\nb\n\nc"),
        ("<blockquote>quoted</blockquote>reply", "quoted\nreply"),
        ("no < tags > here", "no < tags > here"),
        ("a<wbr>b&shy;c&#8203;d", "abcd"),
        ("<a href='https://acme.example'>a link</a> <img src=x alt='a picture'>", "a link"),
        ("<details open><summary>More</summary>text</details>", "More\ntext"),
    ] {
        assert_eq!(read(html), seen, "{html}");
    }
}

#[test]
fn what_is_hidden_from_people_is_not_read() {
    for html in [
        "<script>evil()</script>",
        "<style>.x{color:red} evil</style>",
        "<!-- evil -->",
        "<div style='display:none'>evil</div>",
        "<div style='DISPLAY : None !important'><p style='display:block'>evil</p></div>",
        "<div style='dis/**/play:none'>evil</div>",
        "<div style='d\\69splay:n\\6f ne'>evil</div>",
        "<p hidden>evil</p>",
        "<p hidden=until-found>evil</p>",
        "<span aria-hidden=TRUE>evil</span>",
        "<div style='visibility:hidden'><b>evil</b></div>",
        "<i style=opacity:0.0>evil</i>",
        "<i style='font-size:0'>evil</i>",
        "<i style='font-size:1px'>evil</i>",
        "<i style='font:0/0 a'>evil</i>",
        "<i style='font-size:0'><b style='font-size:2em'>evil</b></i>",
        "<div style='height:0;width:0;overflow:hidden'>evil</div>",
        "<div style='max-height:0px'>evil</div>",
        "<div style='position:absolute;left:-9999px'>evil</div>",
        "<div style='position:fixed;top:-100vh'>evil</div>",
        "<div style='margin-left:-99em'>evil</div>",
        "<div style='text-indent:-9999px'>evil</div>",
        "<div style='transform:scale(0)'>evil</div>",
        "<div style='transform: translate(-2000px, 0)'>evil</div>",
        "<div style='clip:rect(0, 0, 0, 0)'>evil</div>",
        "<div style='clip-path: inset(100%)'>evil</div>",
        "<font color=white>evil</font>",
        "<font color='#FEFEFE'>evil</font>",
        "<span style=color:#fff>evil</span>",
        "<span style='color:rgba(0, 0, 0, 0)'>evil</span>",
        "<span style='color: hsl(0, 0%, 100%)'>evil</span>",
        "<span style='color:rgb(250 250 250 / 1)'>evil</span>",
        "<table bgcolor=#000000><tr><td style=color:black>evil</table>",
        "<p style='background:teal;color:teal'>evil</p>",
        "<style>.a, p.b{display:none}</style><p class='z b'>evil</p>",
        "<style>#c { font-size:0 }</style><i id=c>evil</i>",
        "<style>/* x */ div > i.d{visibility:hidden}</style><div><i class=d>evil</i></div>",
        "<style>@media screen { .d { display: none } } .x{}</style><u class=d>evil</u>",
        "<style>@supports (display:grid) { .d { opacity:0 } }</style><u class=d>evil</u>",
        "<iframe srcdoc=evil>evil</iframe>",
        "<template>evil</template>",
        "<svg><text>evil</text></svg>",
        "<svg><foreignObject><p>evil</p></foreignObject></svg>",
        "<math><mtext>evil</mtext></math>",
        "<noscript>evil</noscript>",
        "<textarea>evil</textarea>",
        "<select><option>evil</select>",
        "<dialog>evil</dialog>",
        "<title>evil</title>",
        "<object>evil</object>",
        // Formatting that is not closed goes on in the next paragraph.
        "<p><b hidden>evil</p><p>evil</p></b>",
        "<p style='display:none'>evil",
    ] {
        assert_eq!(read(&format!("<div>seen</div> {html}")), "seen", "{html}");
    }
}

#[test]
fn what_is_usual_in_mails_is_read() {
    for html in [
        "<table bgcolor='#123456'><tr><td style='color:#fff'>seen</td></tr></table>",
        "<a style='background-color:#1f6feb;color:#ffffff'>seen</a>",
        "<div style='background:url(x.png) no-repeat;color:white'>seen</div>",
        "<div style='background: linear-gradient(red, blue); color: white'>seen</div>",
        "<td background=x.png style='color:#fff'>seen</td>",
        "<td style='font-size:0px;padding:20px 0'><div style='font-size:13px'>seen</div></td>",
        "<td style='visibility:hidden'><div style='visibility:visible'>seen</div></td>",
        "<p style='color:#333;line-height:0;margin:-20px 0 0 -20px;opacity:.8;max-width:600px;overflow:hidden'>seen</p>",
        "<p style='width:100%;height:auto;max-height:none'>seen</p>",
        "<p style='transform:scale(0.9)'>seen</p>",
        "<style>.x{color:#fff} @media (max-width:480px){.desk{display:none!important}}</style><p class='x desk'>seen</p>",
        "<style>@media print{.desk{display:none}} @font-face{font-family:x}</style><p class=desk>seen</p>",
        "<p><b hidden>no</b></p><p>seen</p>",
        "<p style='font-size:0.9em'>seen</p>",
        "<p style='font-size:90%'>seen</p>",
        "<p style='color:inherit;background:none'>seen</p>",
    ] {
        assert_eq!(read(html), "seen", "{html}");
    }
}

#[test]
fn html_is_told_from_other_text() {
    for html in ["<div>x</div>", "a<br>b", "<!-- x -->y", "x</P>", "<IMG src=x>"] {
        assert!(is(html), "{html}");
    }
    for text in ["", "a < b", "Sarah <sarah@acme.example>", "Vec<String> is broken", "<ticket> & <b", "x <bold>"] {
        assert!(!is(text), "{text}");
    }
}

#[test]
fn html_that_takes_long_is_read_to_a_bound() {
    let formats: String = (0..20_000).map(|id| format!("<b id={id}></x>")).collect();
    let attributes: String = (0..100_000).map(|id| format!("a{id} ")).collect();
    let rules: String = (0..1000).map(|id| format!("div div div .a{id}{{display:none}}")).collect();
    let begun = Instant::now();
    for slow in [
        "<div>".repeat(100_000),
        "<div></x>".repeat(100_000),
        "<p>x".repeat(100_000),
        format!("<p {attributes}>"),
        format!("{formats}{}", "<p>x</x>".repeat(20_000)),
        "<a><table>".repeat(50_000),
        format!("<style>{rules}</style>{}", "<div>".repeat(50_000)),
        "<!--".repeat(100_000),
        "<i a=\">\" b='".repeat(50_000),
    ] {
        let slow = slow.repeat(2);
        let mut reader = Reader::default();
        let mut read = 0;
        // As many of them as are in the largest answer.
        while read < 8 << 20 {
            reader.read(&slow);
            read += slow.len();
        }
    }
    let each = begun.elapsed() / 9;
    assert!(each < Duration::from_secs(3), "{each:?}");
}

#[test]
fn what_is_not_read_is_counted() {
    let seen = Reader::default().read(&format!("<p>top</p>{}end", "<div>".repeat(10_000)));
    assert_eq!(seen.text, "top");
    assert!(seen.unread > 30_000, "{}", seen.unread);
    let mut spent = Reader { left: 0 };
    assert_eq!((spent.read("<p>ä</p>").unread, spent.read("x").text.as_str()), (8, ""));
}
