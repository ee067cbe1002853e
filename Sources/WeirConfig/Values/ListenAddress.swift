/// An address to listen on. Names are not looked up: `localhost` is 127.0.0.1.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address in text form without brackets; empty for every address of the machine, of both families.
    public let host: String
    /// 0 lets the system choose one.
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    public var isIPv6: Bool { host.contains(":") }
    /// As it is written in the file: `127.0.0.1:8080`, `[::1]:8080`, `:8080`.
    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `:8080`; `nil` for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let number = decimalNumber(String(text[text.index(after: colon)...])),
            let port = UInt16(exactly: number)
        else { return nil }
        let host = text[..<colon]
        if host.isEmpty || isIPv4(host) {
            self.init(host: String(host), port: port)
        } else if host == "localhost" {
            self.init(host: "127.0.0.1", port: port)
        } else if host.hasPrefix("["), host.hasSuffix("]"), WeirConfig.isIPv6(host.dropFirst().dropLast()) {
            self.init(host: String(host.dropFirst().dropLast()), port: port)
        } else {
            return nil
        }
    }
}
