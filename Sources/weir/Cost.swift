import ArgumentParser
import Glibc
import WeirBudget
import WeirCommandLine
import WeirConfig

/// `weir cost`: what usage costs, line by line, without a gateway.
struct Cost: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what usage costs.",
        discussion: """
            Reads one JSON object a line from FILE or standard input and writes one a line, in order, each as soon as it is known:

              {"id":1,"provider":"openai","model":"gpt-4o","at":"2026-11-01T12:00:00Z","api":"openai.chat",
               "usage":{"prompt_tokens":1000,"completion_tokens":100},"context":{"service_tier":"default"}}
              {"id":1,"status":"ok","matched":"gpt-4o","nano_usd":3500000,"price_version":"..."}

            status is ok, unknown_model, unpriced or invalid_usage; all but ok have a message. api is one of openai.chat, xai.chat, openai.responses,
            openai.images, openai.transcription, embeddings, anthropic, gemini, bedrock, perplexity, mistral.ocr. Without provider it is guessed from
            the model; without at the time is now; context is optional. With --config its prices stand on top of the bundled table, and provider
            may be one of its names.

            Exit code 0; 1 if a line was no question at all (its answer says so, and the lines after it are answered).

            Example:
              weir cost --config weir.yaml usage.jsonl
            """)

    @Option(help: ArgumentHelp("A configuration whose prices apply.", valueName: "file"))
    var config: String?

    @Argument(help: ArgumentHelp("The file to read; standard input without it.", valueName: "file"))
    var file: String?

    func run() throws {
        let policy = try config.map(loadPolicy)
        var desk = CostDesk(
            KnownTariffs(PriceBook(.bundled(), overrides: policy?.prices ?? []), providers: policy?.providers ?? []))
        var output = OutputLines()
        do throws(InputLines.Failure) {
            var lines = try InputLines(path: file)
            while let line = try lines.next(beforeWaiting: { output.flush() }) {
                if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { continue }
                output.add(lines.isCut ? desk.refuseLong() : desk.answer(Array(line), now: Int64(time(nil))))
            }
        } catch {
            output.flush()
            printError("weir: \(error.text)")
            throw ExitCode(1)
        }
        output.flush()
        if desk.hasBadLines { throw ExitCode(1) }
    }
}
