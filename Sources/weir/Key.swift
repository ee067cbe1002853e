import ArgumentParser
import WeirBase
import WeirCommandLine
import WeirConfig
import WeirControl

/// `weir key`: the keys of applications.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list, rotate and revoke the keys of applications.",
        discussion: """
            A change takes effect with the next request, on every loop of a running gateway; without one it is written to the data folder. Only
            hashes of secrets are kept. Every change is an audit row (`weir audit list`).

            Examples:
              weir key create --team search                    prints the new key's secret, once
              weir key create --team search --id ci --models 'gpt-4o*' --expires 2027-01-01 --budget '$5/day'
              weir key rotate ci --grace 24h                   a new secret; the old one is good for a day more
              weir key revoke ci                               refused from the next request on
              weir key list --json
            """,
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print its secret, once.")

        @OptionGroup var place: GatewayOption
        @Option(help: "The team that it belongs to.") var team: String?
        @Option(help: "A name of its own in bills and traces; else one is made.") var id: String?
        @Option(
            parsing: .upToNextOption,
            help: "Patterns of the models that it may use, of those of its team; else all of them.")
        var models: [String] = []
        @Option(help: "A date, or a date and time, from which on it is refused.") var expires: String?
        @Option(
            name: .customLong("tag"),
            help: ArgumentHelp("A label of its spend; may be given again.", valueName: "name=value"))
        var tags: [String] = []
        @Option(
            name: .customLong("budget"),
            help: ArgumentHelp(
                "A budget of its own: an amount for life, or per hour, day, week, month or year; may be given again.",
                valueName: "amount/window"))
        var budgets: [String] = []
        @Option(help: "The most requests a minute.") var requestsPerMinute: Int?
        @Option(help: "The most tokens a minute.") var tokensPerMinute: Int?
        @Option(help: "The most requests at once.") var concurrent: Int?

        func run() throws {
            var request = KeyRequest()
            request.team = team
            request.id = id
            request.models = models.isEmpty ? nil : models
            request.expires = expires
            request.tags = try Dictionary(tags.map(Self.tag)) { $1 }
            request.budgets = try budgets.map(Self.budget)
            var limits = LimitsMessage()
            limits.requests_per_minute = requestsPerMinute
            limits.tokens_per_minute = tokensPerMinute
            limits.concurrent = concurrent
            request.limits = limits
            let key: NewKeyMessage = try place.post("/keys", request)
            if place.json { return try printJSON(key) }
            print(key.secret)
            printError(
                "key \(key.id)\(key.team.map { " of team \($0)" } ?? "")"
                    + "\(key.expires.map { ", until \($0)" } ?? ""): the secret is shown this once")
        }

        private static func tag(_ text: String) throws -> (String, String) {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ValidationError("\(text) is no tag: write NAME=VALUE") }
            return (parts[0], parts[1])
        }

        private static func budget(_ text: String) throws -> BudgetMessage {
            let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
            guard let first = parts.first, let limit = Money(first) else {
                throw ValidationError("\(text) is no budget: write for example '$5/day', or '$20' for life")
            }
            return BudgetMessage(limit: limit.nanoUSD, every: parts.count > 1 ? parts[1] : nil)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys, without their secrets.")

        @OptionGroup var place: GatewayOption

        func run() throws {
            let keys: [KeyMessage] = try place.get("/keys")
            if place.json { return try printJSON(keys) }
            var table = TextTable([
                ("id", .left), ("team", .left), ("status", .left), ("source", .left), ("models", .left),
                ("tags", .left),
                ("expires", .left), ("secrets", .right),
            ])
            for key in keys {
                let tags = key.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                table.append([
                    key.id, key.team ?? "-", key.status, key.source, key.models?.joined(separator: ",") ?? "all",
                    tags.isEmpty ? "-" : tags.joined(separator: ","), key.expires ?? "never", "\(key.secrets)",
                ])
            }
            if table.isEmpty { return printError("there are no keys; `weir key create --team TEAM` makes one") }
            for line in table.lines { print(line) }
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a key a new secret and print it, once; the old one stays good for a while.")

        @OptionGroup var place: GatewayOption
        @Argument(help: "The key.") var id: String
        @Option(
            help: ArgumentHelp("How long the old secret is good beside the new one: 0s to 365d.", valueName: "duration")
        )
        var grace = "24h"

        func run() throws {
            guard let span = TimeSpan(text: grace) else {
                throw ValidationError("\(grace) is no duration: write for example 30m, 24h or 7d")
            }
            let request = RotateRequest(graceSeconds: Int(span.milliseconds / 1_000))
            let key: NewKeyMessage = try place.post("/keys/\(id)/rotate", request)
            if place.json { return try printJSON(key) }
            print(key.secret)
            let old =
                key.old_secret_until.map { "the old secret is good until \($0)" } ?? "the old secret is good no more"
            printError("key \(key.id): \(old); the new one is shown this once")
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a key from its next request on, for good.")

        @OptionGroup var place: GatewayOption
        @Argument(help: "The key.") var id: String

        func run() throws {
            let key: KeyMessage = try place.post("/keys/\(id)/revoke", [String: String]())
            if place.json { return try printJSON(key) }
            print("key \(key.id) is revoked")
        }
    }
}
