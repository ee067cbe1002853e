internal import Glibc

/// An IPv4 or IPv6 address with a port. Text form: `127.0.0.1:8080`, `[::1]:8080`, `:8080` (all IPv4 interfaces).
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    enum Host: Hashable, Sendable {
        /// The four bytes in the order in which they are written, most significant first.
        case v4(UInt32)
        /// The sixteen bytes as two big-endian words.
        case v6(UInt64, UInt64)
    }

    var host: Host
    public var port: UInt16

    /// 127.0.0.1 with `port`; 0 lets the system choose when listening.
    public static func loopback(port: UInt16) -> SocketAddress { SocketAddress(host: .v4(0x7F00_0001), port: port) }

    init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads the text form. Names are not resolved here (`Resolver` does that), but for `localhost`, which is 127.0.0.1.
    /// - Returns: nil where the text is no address with a port.
    public init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        self.init(host: String(text[..<colon]), port: port)
    }

    /// An address from a numeric host (`127.0.0.1`, `::1`, `[::1]`), `localhost` or nothing (all IPv4 interfaces).
    /// - Returns: nil where `host` is a name.
    public init?(host: String, port: UInt16) {
        self.port = port
        switch host {
        case "": self.host = .v4(0)
        case "localhost": self.host = .v4(0x7F00_0001)
        default:
            var bare = host
            if bare.hasPrefix("["), bare.hasSuffix("]") { bare = String(bare.dropFirst().dropLast()) }
            var four = in_addr()
            var six = in6_addr()
            if unsafe inet_pton(AF_INET, bare, &four) == 1 {
                self.host = .v4(UInt32(bigEndian: four.s_addr))
            } else if unsafe inet_pton(AF_INET6, bare, &six) == 1 {
                self.host = unsafe withUnsafeBytes(of: &six) { bytes in
                    unsafe .v6(
                        UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
                }
            } else {
                return nil
            }
        }
    }

    public var description: String { "\(hostText):\(port)" }

    /// The host alone, IPv6 in brackets.
    public var hostText: String {
        switch host {
        case .v4(let word): return "\(word >> 24).\(word >> 16 & 255).\(word >> 8 & 255).\(word & 255)"
        case .v6:
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            unsafe withSystemAddress { address, _ in
                unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { six in
                    var bytes = unsafe six.pointee.sin6_addr
                    _ = unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(INET6_ADDRSTRLEN))
                }
            }
            return "[" + String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) + "]"
        }
    }

    var family: Int32 {
        switch host {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Gives the address in the form that system calls take.
    func withSystemAddress<Result>(_ use: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length = write(to: &storage)
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe use($0, length) }
        }
    }

    /// Fills `storage`; the caller keeps it in place as long as the kernel may look at it.
    func write(to storage: inout sockaddr_storage) -> socklen_t {
        switch host {
        case .v4(let word):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = word.bigEndian
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: sockaddr_in.self) }
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .v6(let high, let low):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &address.sin6_addr) {
                unsafe $0.storeBytes(of: high.bigEndian, as: UInt64.self)
                unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: sockaddr_in6.self) }
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }

    /// Reads what a system call filled in.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = unsafe withUnsafeBytes(of: &storage) { unsafe $0.loadUnaligned(as: sockaddr_in.self) }
            self.init(host: .v4(UInt32(bigEndian: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            var address = unsafe withUnsafeBytes(of: &storage) { unsafe $0.loadUnaligned(as: sockaddr_in6.self) }
            let words = unsafe withUnsafeBytes(of: &address.sin6_addr) { bytes in
                unsafe (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(host: .v6(words.0, words.1), port: UInt16(bigEndian: address.sin6_port))
        default: return nil
        }
    }
}
