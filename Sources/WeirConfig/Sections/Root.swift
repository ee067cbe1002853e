extension Reader {
    static let rootSettings: [Setting] = [
        .required("version", "`1`", "The form of this file."),
        .required(
            "listen", "address, or list of addresses and maps",
            "Where clients are served: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `:8080` (all addresses); port 0 lets the system choose.",
            aliases: ["port", "address", "host", "bind"]),
        .optional(
            "data", "path", default: "weir-data",
            "Folder of the embedded store; relative paths are relative to this file.",
            aliases: ["data_dir", "store"]),
        .optional(
            "loops", "`auto` or 1 to 256", default: "auto",
            "Data loops, one thread each; `auto` is one per core that the process may use.",
            aliases: ["threads", "workers"]),
        .required(
            "providers", "map of name to settings", "The accounts and servers that answer.", aliases: ["upstreams"]),
        .required(
            "models", "map of name to `provider/model` or settings", "The model names that clients may ask for.",
            aliases: ["model_list", "routes"]),
        .optional(
            "teams", "map of name to settings", default: "none", "Groups of keys, with what they may use.",
            aliases: ["groups"]),
        .optional(
            "keys", "list of maps", default: "none", "The keys of clients, known by their hashes.",
            aliases: ["api_keys", "virtual_keys", "users"]),
        .optional("limits", "map of settings", default: "see there", "Bounds on what clients may do."),
        .optional(
            "prices", "list of maps", default: "the bundled table",
            "Prices on top of the bundled table, each from a day on: it is for models that the table does not have, and for what you pay instead.",
            aliases: ["pricing", "costs", "rates"]),
        .optional(
            "access_log", "`stdout`, `stderr`, `off` or a path", default: "stdout",
            "Where one JSON line per request goes; all other messages go to stderr.", aliases: ["log", "logging"]),
        .optional(
            "durability", "`process` or `power`", default: "process",
            "What the ledger survives: the death of the process by whatever cause, or the loss of power, too, which costs a wait for the disk before each call and each answer's end."
        ),
        .optional(
            "tags", "map of NAME=VALUE to settings", default: "none",
            "Budgets and limits of all requests with a tag, whoever sends them."),
        .later("control"), .later("admin_token"), .later("guardrails"), .later("trace"),
        .later("otel"),
    ]

    func readRoot(_ field: Field) -> Policy.Parts {
        guard let root = Section(field, Self.rootSettings) else { return Policy.Parts() }
        var parts = Policy.Parts()
        readVersion(root["version"])
        parts.listeners = readListen(root["listen"])
        parts.dataFolder = readPath(root["data"]) ?? resolved(parts.dataFolder)
        parts.loops = readLoops(root["loops"]) ?? parts.loops
        parts.limits = readLimits(root["limits"])
        parts.accessLog = readAccessLog(root["access_log"]) ?? parts.accessLog
        parts.durability =
            root["durability"]?.word(of: Policy.Durability.allCases.map(\.rawValue), what: "durability").flatMap(
                Policy.Durability.init) ?? parts.durability
        parts.boundTags = readBoundTags(root["tags"])
        let providers = readProviders(root["providers"])
        let models = readModels(root["models"], providers)
        parts.providers = providers.map(\.provider)
        parts.models = models
        parts.prices = readPrices(root["prices"], providers)
        let modelNames = models.map { Array($0.name.utf8) }
        let teams = readTeams(root["teams"], modelNames)
        parts.teams = teams
        parts.keys = readKeys(root["keys"], teams, modelNames)
        if root["keys"] == nil {
            let cure = "add \"keys: [{id: NAME, sha256: HEX}]\", where HEX is the SHA-256 of the whole key"
            mistakes.add(.warning, at: .start, "", "there are no keys: every request will be refused", cure)
        }
        return parts
    }

    private func readVersion(_ field: Field?) {
        guard let field, let text = field.text(or: "write \"version: 1\""), text != "1" else { return }
        field.note("\(quoted(text)) is no version of this file's form", "write \"version: 1\"")
    }

    private func readLoops(_ field: Field?) -> Policy.Loops? {
        guard let field, let text = field.text(or: "write auto or a number") else { return nil }
        if text == "auto" { return .automatic }
        guard let number = decimalNumber(text), (1...256).contains(number) else {
            field.note("\(quoted(text)) is no number of loops", "write auto or 1 to 256")
            return nil
        }
        return .fixed(number)
    }
}
