/// Where a provider is reached, taken apart once so that a request needs no string work.
public struct BaseURL: Hashable, Sendable, CustomStringConvertible {
    public let isTLS: Bool
    /// A name in lower case, or an address in text form without brackets: for look-up, connecting and SNI.
    public let host: String
    public let port: UInt16
    /// What every path begins with: empty, or a slash and more without a slash at the end (`/v1`).
    public let pathPrefix: String
    /// What the Host field says: the host, in brackets if it is an IPv6 address, and the port unless it is the scheme's own.
    public let hostHeader: String

    public var isAddress: Bool { host.contains(":") || isIPv4(host) }
    /// Whether the bytes stay on this machine: 127.0.0.0/8, ::1 and names under localhost (RFC 6761, section 6.3).
    public var isLoopback: Bool {
        host == "::1" || host == "localhost" || host.hasSuffix(".localhost") || (isIPv4(host) && host.hasPrefix("127."))
    }
    public var description: String { "\(isTLS ? "https" : "http")://\(hostHeader)\(pathPrefix)" }

    /// What may be wrong with a base URL. None shows the URL: it may hold a password.
    public enum Problem: Error, Hashable, Sendable {
        case scheme, userInfo, query, fragment, host, port, path

        /// What is wrong and what to write instead.
        var text: (message: String, cure: String) {
            switch self {
            case .scheme: ("the URL is neither http nor https", "begin it with https:// or http://")
            case .userInfo:
                ("the URL has a user or password in it", "remove it, and put the secret under \"credentials\"")
            case .query: ("the URL has a query", "remove \"?\" and what follows it")
            case .fragment: ("the URL has a fragment", "remove \"#\" and what follows it")
            case .host:
                (
                    "the URL has no valid host",
                    "write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
                )
            case .port:
                ("the URL's port is not valid", "write a number from 1 to 65535 after the colon, or leave both out")
            case .path:
                (
                    "the URL's path is not valid",
                    "write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
                )
            }
        }
    }

    /// Reads an absolute URL (RFC 3986), http or https, with host, optional port and path, and nothing else.
    public init(_ text: String) throws(Problem) {
        let lowered = text.lowercased()
        isTLS = lowered.hasPrefix("https://")
        guard isTLS || lowered.hasPrefix("http://") else { throw .scheme }
        let rest = text.dropFirst(isTLS ? 8 : 7)
        if rest.contains("#") { throw .fragment }
        if rest.contains("?") { throw .query }
        let authority = rest.prefix { $0 != "/" }
        if authority.contains("@") { throw .userInfo }
        pathPrefix = try Self.pathPrefix(rest.dropFirst(authority.count))
        (host, port) = try Self.hostAndPort(authority.lowercased(), standard: isTLS ? 443 : 80)
        let shownHost = host.contains(":") ? "[\(host)]" : host
        hostHeader = port == (isTLS ? 443 : 80) ? shownHost : "\(shownHost):\(port)"
    }

    private static func hostAndPort(_ authority: String, standard: UInt16) throws(Problem) -> (String, UInt16) {
        let hostText: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .host }
            hostText = authority[...end]
        } else {
            hostText = authority.prefix { $0 != ":" }
        }
        let portText = authority.dropFirst(hostText.count)
        return (try host(hostText), portText.isEmpty ? standard : try port(portText))
    }

    private static func port(_ text: Substring) throws(Problem) -> UInt16 {
        guard text.hasPrefix(":"), let number = decimalNumber(String(text.dropFirst())),
            let port = UInt16(exactly: number),
            port > 0
        else { throw .port }
        return port
    }

    private static func host(_ text: Substring) throws(Problem) -> String {
        if text.hasPrefix("[") {
            let address = text.dropFirst().dropLast()
            guard isIPv6(address) else { throw .host }
            return String(address)
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), labels.allSatisfy(isLabel) else { throw .host }
        // What ends in a number is an address or nothing (WHATWG URL, section 3.5): 127.1 must not mean something to a resolver.
        if let last = labels.last, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !isIPv4(text) { throw .host }
        return String(text)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...63).contains(label.utf8.count), !label.hasPrefix("-"), !label.hasSuffix("-") else { return false }
        return label.utf8.allSatisfy { isNameByte($0) && $0 != UInt8(ascii: ".") }
    }

    private static func pathPrefix(_ text: Substring) throws(Problem) -> String {
        var path = text
        while path.hasSuffix("/") { path = path.dropLast() }
        guard !path.isEmpty else { return "" }
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard !segment.isEmpty, segment != ".", segment != "..", segment.utf8.allSatisfy(isPathByte) else {
                throw .path
            }
        }
        return String(path)
    }

    /// `pchar` of RFC 3986 without percent-encoding: whose decoding of a prefix would count is not for us to guess.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        isNameByte(byte) || "~!$&'()*+,;=:@".utf8.contains(byte)
    }
}
