/// One word of generated text in the three spellings that answers need.
struct Word: Sendable {
    /// As text.
    let plain: StaticString
    /// Inside a JSON string.
    let json: StaticString
    /// Inside a JSON text that is itself a JSON string, as tool arguments are.
    let nested: StaticString

    init(_ plain: StaticString, _ json: StaticString? = nil, _ nested: StaticString? = nil) {
        self.plain = plain
        self.json = json ?? plain
        self.nested = nested ?? json ?? plain
    }

    /// Power of two: six random bits choose a word.
    static let count = 64

    /// A table. Mostly plain English as tokens come, a word with the space before it; one in six needs care: characters of two, three and
    /// four bytes, escapes that JSON demands, escapes that it only allows (a relay must keep them, a translator may rewrite them), and
    /// what looks like the syntax around it.
    static let all: [Word] = [
        Word(" the"), Word(" of"), Word(" and"), Word(" to"), Word(" in"), Word(" a"), Word(" is"), Word(" that"),
        Word(" river"), Word(" water"), Word(" over"), Word(" gate"), Word(" stream"), Word(" level"), Word(" flow"),
        Word(" measured"), Word(" controls"), Word(" between"), Word(" through"), Word(" because"), Word(" which"),
        Word(" every"), Word(" request"), Word(" answer"), Word(" model"), Word(" number"), Word(" small"),
        Word(" wide"),
        Word(" first"), Word(" then"), Word(" after"), Word(" without"), Word(" 42"), Word(" 3.14"), Word(" 2026"),
        Word("."), Word(","), Word(";"), Word(" -"), Word("?"), Word(":"), Word(" (see"), Word(")"), Word(" data:"),
        Word(" {}"), Word(" []"), Word(" [DONE]"), Word(" it's"), Word(" don't"), Word(" we"), Word(" can"),
        Word(" <b>"), Word(" &amp;"),
        Word(" Stra\u{DF}e"), Word(" na\u{EF}ve"), Word(" \u{6771}\u{4EAC}"), Word(" \u{1F600}"),
        Word("\n", "\\n", "\\\\n"),
        Word("\n\n", "\\n\\n", "\\\\n\\\\n"),
        Word("\t", "\\t", "\\\\t"),
        Word(" \"", " \\\"", " \\\\\\\""),
        Word(" \\", " \\\\", " \\\\\\\\"),
        Word(" \u{E9}t\u{E9}", " \\u00e9t\\u00e9", " \\\\u00e9t\\\\u00e9"),
        Word(" \u{1F680}", " \\ud83d\\ude80", " \\\\ud83d\\\\ude80"),
    ]
}
