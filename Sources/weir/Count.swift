import ArgumentParser
import Glibc
import WeirBase
import WeirCommandLine
import WeirTokens
import WeirWire

/// `weir count`: tokens of texts, without a gateway.
struct Count: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count the tokens of texts.",
        discussion: """
            Reads one JSON object a line from standard input or FILE and writes one a line, in the same order, each as soon as it is known:
              {"id": ..., "text": "..."}                  -> {"id": ..., "tokens": N}
              {"id": ..., "chunks": ["base64", ...]}      the same for bytes that come in parts; with --ids also "ids": [...]
            With --model, a vocabulary that is not the model's own gives an estimate, and the line says so: "estimate": true. So do Claude's: its pieces
            were measured by others and are not official.
            Exit code 0; 1 if a line could not be counted (its answer is {"id": ..., "error": "..."}) or nothing could be; 2 for wrong arguments.

            Examples:
              echo '{"id": 1, "text": "Hello, weir"}' | weir count
              weir count --model gpt-4 --ids texts.jsonl
            """)

    @Option(help: ArgumentHelp("The vocabulary to count with (default: o200k_base).", valueName: "name"))
    var encoding: String?
    @Option(help: ArgumentHelp("Count with the vocabulary of this model, or estimate.", valueName: "name"))
    var model: String?
    @Option(
        help: ArgumentHelp(
            "Where vocabularies are (default: WEIR_VOCABULARIES, else near the program).", valueName: "folder"))
    var vocabularies: String?
    @Flag(help: "Also write the tokens' ids.")
    var ids = false
    @Argument(help: ArgumentHelp("The file to read; standard input without one.", valueName: "file"))
    var file: String?

    func validate() throws {
        if encoding != nil, model != nil { throw ValidationError("--encoding and --model cannot be used together.") }
    }

    func run() throws {
        let folders = VocabularyFolders(vocabularies)
        let encoding =
            model.map { Encoding.of(model: $0, isAvailable: folders.has) } ?? Encoding(exact: encoding ?? "o200k_base")
        let vocabulary: Vocabulary
        do throws(VocabularyProblem) { vocabulary = try folders.open(encoding.vocabulary) } catch {
            printError("weir count: \(error)")
            throw ExitCode(1)
        }
        let measured = MeasuredCounter(vocabulary)
        if ids, !encoding.isExact || measured != nil {
            let name = model ?? vocabulary.name
            printError("weir count: there are no ids for \(name): its own vocabulary is not here; leave out --ids")
            throw ExitCode(1)
        }
        var descriptor: Int32 = 0
        if let file {
            descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                printError(unsafe "weir count: \(file): \(String(cString: strerror(errno)))")
                throw ExitCode(1)
            }
        }
        var run = CountRun(vocabulary, encoding, measured, withIDs: ids)
        guard run.answerAll(descriptor) else { throw ExitCode(1) }
    }
}

/// Answers line after line.
private struct CountRun: ~Copyable {
    /// The longest line, in bytes.
    private static let lineLimit = 1 << 30
    private static let names: [ShortName] = ["id", "text", "chunks"]

    private var counter: TokenCounter?
    private let encoding: Encoding
    /// The counter where the vocabulary is of measured pieces; then there is no other.
    private let measured: MeasuredCounter?
    private let withIDs: Bool
    private var output = ByteBuffer(capacity: 1 << 16)
    private var ids: [UInt32] = []
    private var lineNumber = 0
    private var isFine = true

    init(_ vocabulary: Vocabulary, _ encoding: Encoding, _ measured: MeasuredCounter?, withIDs: Bool) {
        counter = measured == nil ? TokenCounter(vocabulary) : nil
        self.encoding = encoding
        self.measured = measured
        self.withIDs = withIDs
    }

    /// - Returns: whether every line could be counted.
    mutating func answerAll(_ descriptor: Int32) -> Bool {
        var lines = LineReader(descriptor, limit: CountRun.lineLimit)
        var text = ByteBuffer()
        while true {
            switch lines.next() {
            case .line(let range):
                lineNumber += 1
                answer(lines.bytes, range, &text)
                if output.count > 1 << 16, !flush() { return false }
            case .tooLong:
                lineNumber += 1
                refuse(Span(), nil, "the line is longer than \(CountRun.lineLimit) bytes; cut the text in two")
            case .wait:
                guard flush() else { return false }
                let problem = lines.more()
                guard problem == 0 else {
                    printError(unsafe "weir count: cannot read: \(String(cString: strerror(problem)))")
                    return false
                }
            case .end:
                return flush() && isFine
            }
        }
    }

    /// - Parameter buffer: what the text is put into where it does not lie in the line as it is.
    private mutating func answer(_ bytes: Span<UInt8>, _ line: ByteRange, _ buffer: inout ByteBuffer) {
        guard bytes.firstNonWhitespace(from: Int(line.start), to: Int(line.end)) < Int(line.end) else { return }
        var members: JSONMembers
        do throws(JSONError) {
            members = try JSONScanner.members(of: bytes, in: line, wanted: CountRun.names)
        } catch {
            let at = error.offset - Int(line.start)
            let problem = "\(JSONError(error.reason, at: at))".replacingPrefix("body", with: "the line")
            return refuse(bytes, nil, problem + "; write one JSON object a line")
        }
        let id = members.member(0)?.value
        ids.removeAll(keepingCapacity: true)
        let tokens: Int
        switch (members.member(1), members.member(2)) {
        case (let text?, nil):
            guard text.kind == .string else {
                return refuse(bytes, id, "text is not a string; write {\"id\": 1, \"text\": \"...\"}")
            }
            tokens = count(text: bytes, text.stringContents, &buffer)
        case (nil, let chunks?):
            do throws(ChunkProblem) { tokens = try count(chunks: bytes, chunks, &buffer) } catch {
                return refuse(bytes, id, error.description)
            }
        case (nil, nil): return refuse(bytes, id, "neither text nor chunks; write {\"id\": 1, \"text\": \"...\"}")
        case (_?, _?): return refuse(bytes, id, "both text and chunks; leave out one")
        }
        begin(bytes, id)
        output.append(",\"tokens\":")
        output.append(decimal: encoding.tokens(tokens))
        if !encoding.isExact || measured != nil { output.append(",\"estimate\":true") }
        if withIDs {
            output.append(",\"ids\":[")
            for (index, id) in ids.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output.append(decimal: Int(id))
            }
            output.append("]")
        }
        output.append("}\n")
    }

    /// Every answer begins with the id of its line, as it was written.
    private mutating func begin(_ bytes: Span<UInt8>, _ id: ByteRange?) {
        output.append("{\"id\":")
        if let id { output.append(bytes, id) } else { output.append("null") }
    }

    private mutating func refuse(_ bytes: Span<UInt8>, _ id: ByteRange?, _ problem: String) {
        isFine = false
        begin(bytes, id)
        output.append(",\"error\":")
        output.append(jsonString: problem)
        output.append("}\n")
        printError("weir count: line \(lineNumber): \(problem)")
    }

    // MARK: Counting

    private mutating func count(text bytes: Span<UInt8>, _ range: ByteRange, _ text: inout ByteBuffer) -> Int {
        let (start, end) = (Int(range.start), Int(range.end))
        if bytes.firstStringStop(from: start, to: end) == end { return count(bytes.extracting(start..<end)) }
        text.removeAll()
        var at = start
        while at < end {
            let stop = bytes.firstStringStop(from: at, to: end)
            text.append(bytes.extracting(at..<stop))
            at = stop
            // Escapes next to each other together: two may be one character.
            while at < end, bytes[at] == UInt8(ascii: "\\") { at += bytes[at + 1] == UInt8(ascii: "u") ? 6 : 2 }
            text.append(JSONText.plain(bytes, ByteRange(start: stop, end: at)))
        }
        return count(text.span)
    }

    private mutating func count(_ text: Span<UInt8>) -> Int {
        if let measured { return measured.count(text) }
        guard withIDs else { return counter!.count(text) }
        counter!.encode(text, into: &ids)
        return ids.count
    }

    /// Counts bytes that come in parts as a stream, and checks what the stream says where the ids are wanted, too.
    private mutating func count(
        chunks bytes: Span<UInt8>, _ chunks: JSONMember, _ text: inout ByteBuffer
    ) throws(ChunkProblem) -> Int {
        guard chunks.kind == .array else { throw .notAnArray }
        text.removeAll()
        var stream = TokenStream()
        var at = bytes.firstNonWhitespace(from: Int(chunks.value.start) + 1, to: Int(chunks.value.end))
        while bytes[at] != UInt8(ascii: "]") {
            let end = JSONScanner.valueEnd(bytes, from: at, to: Int(chunks.value.end))
            guard bytes[at] == UInt8(ascii: "\""), let end else { throw .notAString }
            let start = text.count
            let chunk = JSONText.plain(bytes, ByteRange(start: at, end: end))
            guard Base64.decode(chunk.span, into: &text) else { throw .notBase64 }
            if measured == nil { stream.feed(text.span.extracting(start..<text.count), &counter!) }
            if !withIDs, measured == nil { text.removeAll() }
            at = bytes.firstNonWhitespace(from: end, to: Int(chunks.value.end))
            if bytes[at] == UInt8(ascii: ",") { at = bytes.firstNonWhitespace(from: at + 1, to: Int(chunks.value.end)) }
        }
        if let measured { return measured.count(text.span) }
        let tokens = stream.finish(&counter!)
        if withIDs { counter!.encode(text.span, into: &ids) }
        return tokens
    }

    private enum ChunkProblem: Error {
        case notAnArray, notAString, notBase64

        var description: String {
            switch self {
            case .notAnArray: "chunks is not an array; write {\"id\": 1, \"chunks\": [\"SGVs\", \"bG8=\"]}"
            case .notAString: "a chunk is not a string; write each one's bytes in base64"
            case .notBase64:
                "a chunk is not base64; write A-Z, a-z, 0-9, + and /, filled up with = to a multiple of four"
            }
        }
    }

    /// - Returns: whether all could be written; a reader that has gone ends the run.
    private mutating func flush() -> Bool {
        defer { output.removeAll() }
        return unsafe output.span.withUnsafeBufferPointer { bytes in
            var at = 0
            while at < bytes.count {
                let count = unsafe write(1, bytes.baseAddress! + at, bytes.count - at)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                at += count
            }
            return true
        }
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
