import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

extension Gateway {
    /// The most tags that a request may bring.
    static let tagLimit = 8

    /// Reads `x-weir-tags: feature=search,env=prod` into the exchange. A name that the key has as well keeps the key's value: what a key is
    /// for is not the client's to say.
    func readTags(_ exchange: Exchange, _ client: Connection) throws(Refusal) {
        guard exchange.head.fields.contains(.xWeirTags) else { return }
        let bytes = client.unread
        for index in exchange.head.fields.indices where exchange.head.fields[index].id == .xWeirTags {
            for part in bytes.text(exchange.head.fields[index].value).split(separator: ",") {
                let text = String(part.drop { $0 == " " || $0 == "\t" })
                guard let tag = Policy.Tag(text.hasSuffix(" ") ? String(text.prefix { $0 != " " }) : text) else {
                    throw .badTags("`\(Gateway.shown(text))` is none")
                }
                guard !exchange.tags.contains(where: { $0.name == tag.name }) else { continue }
                guard exchange.tags.count < Gateway.tagLimit else {
                    throw .badTags("there are more than \(Gateway.tagLimit)")
                }
                exchange.tags.append(tag)
            }
        }
    }
}
