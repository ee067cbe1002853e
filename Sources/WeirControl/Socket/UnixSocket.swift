internal import CLinux
internal import Glibc

/// A stream socket in the file system. Whoever may open its file may connect: the file's permissions are the guard.
struct UnixSocket: ~Copyable {
    let descriptor: Int32

    /// What the system refused.
    struct Failure: Error {
        let call: StaticString
        let code: Int32

        /// Whether nobody listens there.
        var meansAbsence: Bool { code == ENOENT || code == ECONNREFUSED }

        var text: String {
            guard let text = unsafe strerror(code) else { return "error \(code)" }
            return unsafe String(cString: text)
        }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at `path`, which only the process's own user may open. A file that a dead process left there is replaced.
    static func listen(at path: String) throws(Failure) -> UnixSocket {
        let socket = try UnixSocket.make()
        unsafe unlink(path)
        // The file must never have been open to others, not even for a moment.
        let mask = umask(0o177)
        defer { umask(mask) }
        unsafe try withAddress(path) { (address, length) throws(Failure) in
            guard unsafe bind(socket.descriptor, address, length) == 0 else { throw Failure(call: "bind", code: errno) }
        }
        guard Glibc.listen(socket.descriptor, 64) == 0 else { throw Failure(call: "listen", code: errno) }
        return socket
    }

    /// Connects to the listener at `path`.
    static func connect(to path: String) throws(Failure) -> UnixSocket {
        let socket = try UnixSocket.make()
        unsafe try withAddress(path) { (address, length) throws(Failure) in
            guard unsafe Glibc.connect(socket.descriptor, address, length) == 0 else {
                throw Failure(call: "connect", code: errno)
            }
        }
        return socket
    }

    /// Waits for the next connection; it then waits at most `seconds` for each read and write.
    func accept(timeout seconds: Int) throws(Failure) -> UnixSocket {
        while true {
            let peer = weir_accept_blocking(descriptor)
            if peer >= 0 {
                let connection = UnixSocket(descriptor: peer)
                connection.setTimeout(seconds)
                return connection
            }
            guard errno == EINTR || errno == ECONNABORTED else { throw Failure(call: "accept", code: errno) }
        }
    }

    /// Each read and write from now on waits at most this long.
    func setTimeout(_ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    /// Ends a wait in `accept` of another thread.
    func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The next bytes; none at the end.
    func read() throws(Failure) -> [UInt8] {
        var code: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            var got = -1
            repeat {
                got = unsafe Glibc.read(descriptor, buffer.baseAddress!, buffer.count)
            } while got < 0 && errno == EINTR
            if got < 0 { code = errno }
            count = max(0, got)
        }
        guard code == 0 else { throw Failure(call: "read", code: code) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        var at = 0
        while at < bytes.count {
            let sent = unsafe bytes[at...].withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 {
                if errno == EINTR { continue }
                throw Failure(call: "send", code: errno)
            }
            at += sent
        }
    }

    /// The user at the other end.
    var peer: Int64? {
        let user = weir_peer_user(descriptor)
        return user < 0 ? nil : user
    }

    // MARK: Parts

    private static func make() throws(Failure) -> UnixSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        return UnixSocket(descriptor: descriptor)
    }

    private static func withAddress(
        _ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Void
    ) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { throw Failure(call: "bind", code: ENAMETOOLONG) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        var result: Result<Void, Failure> = .success(())
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                do throws(Failure) { unsafe try use(generic, socklen_t(MemoryLayout<sockaddr_un>.size)) } catch {
                    result = .failure(error)
                }
            }
        }
        try result.get()
    }
}
