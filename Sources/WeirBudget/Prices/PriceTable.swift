internal import WeirBase
internal import WeirWire

/// The prices of many models of many providers, as data/prices.schema.json describes the file: who sells what under which names, and for how much since when.
///
/// Only names are read when a table is; a model's prices are read when it is found. Finding takes up to some hundred microseconds and is for the time
/// when a configuration is read: a request has its `Tariff`.
public struct PriceTable: Sendable {
    /// Who sells models.
    public struct Provider: Sendable {
        public let id: String
        public let name: String
        /// Whose tables to ask for a model that is not in this one.
        public let fallback: [String]
        let url: NameRegex
        let modelRule: Int?
        let providerRule: Int?
        let models: Range<Int>
    }

    /// When the table was made: `2026-11`.
    public let asOf: String
    public let providers: [Provider]
    let bytes: [UInt8]
    let rules: NameRules
    let models: [(rule: Int, place: ByteRange)]

    /// The largest file, in bytes.
    public static let limitBytes = 16 << 20

    /// Reads a table from JSON and checks all of it.
    public init(json: [UInt8]) throws(PriceTableError) {
        guard json.count <= Self.limitBytes else { throw PriceTableError(.format, at: ByteRange(start: 0, end: 0)) }
        try self.init(indexing: json)
        var ids = Set<String>()
        for provider in providers {
            guard ids.insert(provider.id).inserted else {
                throw PriceTableError(.repeated, at: ByteRange(start: 0, end: 0))
            }
            var models = Set<String>()
            for index in provider.models {
                let model = try model(at: index, of: provider)
                guard models.insert(model.id).inserted else {
                    throw PriceTableError(.repeated, at: self.models[index].place)
                }
            }
        }
    }

    /// Reads the names of a table whose prices have been checked before.
    init(indexing bytes: [UInt8]) throws(PriceTableError) {
        var reader = TableReader()
        try reader.read(bytes.span)
        (asOf, providers, rules, models) = (reader.asOf, reader.providers, reader.rules, reader.models)
        self.bytes = bytes
    }

    private struct TableReader {
        var asOf = ""
        var providers: [Provider] = []
        var rules = NameRules()
        var models: [(rule: Int, place: ByteRange)] = []

        mutating func read(_ bytes: Span<UInt8>) throws(PriceTableError) {
            let root = try TableObject(bytes, ByteRange(start: 0, end: bytes.count))
            guard let format = root["format"], try format.count(bytes) == 1, let unit = root["unit"],
                try unit.text(bytes) == "pico-USD"
            else { throw PriceTableError(.format, at: root.range) }
            asOf = try root.required("as_of").text(bytes)
            for provider in try root.required("providers").elements(bytes) {
                try readProvider(bytes, TableObject(bytes, provider.range))
            }
        }

        private mutating func readProvider(_ bytes: Span<UInt8>, _ object: TableObject) throws(PriceTableError) {
            let pattern = try object.required("url_regex")
            guard let url = NameRegex(try pattern.plain(bytes)) else {
                throw PriceTableError(.regex, at: pattern.range)
            }
            var fallback: [String] = []
            if let list = object["fallback"] {
                for element in try list.elements(bytes) { fallback.append(try element.text(bytes)) }
            }
            var modelRule: Int?
            if let rule = object["model_match"] { modelRule = try rules.read(bytes, rule.range) }
            var providerRule: Int?
            if let rule = object["provider_match"] { providerRule = try rules.read(bytes, rule.range) }
            let first = models.count
            for model in try object.required("models").elements(bytes) {
                let match = try Self.match(bytes, model.range)
                models.append((try rules.read(bytes, match), model.range))
            }
            providers.append(
                Provider(
                    id: try object.required("id").text(bytes), name: try object.required("name").text(bytes),
                    fallback: fallback, url: url, modelRule: modelRule, providerRule: providerRule,
                    models: first..<models.count))
        }

        /// The match rule of a model, without reading what else it has.
        private static func match(_ bytes: Span<UInt8>, _ range: ByteRange) throws(PriceTableError) -> ByteRange {
            let member: JSONMember?
            do throws(JSONError) {
                member = try JSONScanner.members(of: bytes, in: range, wanted: ["match"])[0]
            } catch { throw PriceTableError(error, in: range) }
            guard let member else { throw PriceTableError(.missing, at: range) }
            return member.value
        }
    }
}
