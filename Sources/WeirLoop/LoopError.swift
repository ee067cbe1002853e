internal import Glibc

/// What can go wrong with one connection. A connection that threw is finished: `abort` it.
public enum ConnectionError: Error, Equatable, Sendable {
    /// The peer has ended its side in order; nothing more will come.
    case endOfStream
    /// The peer broke the connection.
    case reset
    /// The deadline passed.
    case timedOut
    /// `abort` was called, by this side or because the companion has gone.
    case aborted
    /// Nobody listens there.
    case refused
    /// No way to the address; the system's error number.
    case unreachable(errno: Int32)
    /// The process is out of descriptors or the loop at its limit of connections.
    case exhausted
    /// The name has no address, or not in time.
    case unresolved
    /// More unread bytes than the reader allows.
    case tooMuchUnread
    /// TLS failed; the text says why and what to do.
    indirect case tls(String)
}

/// What can go wrong when a loop starts or listens.
public enum LoopError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The address cannot be listened on.
    case cannotListen(address: String, errno: Int32)
    /// io_uring was asked for and cannot be had.
    case uringUnavailable(errno: Int32)

    public var description: String {
        switch self {
        case .system(let call, let number): "\(call) failed: \(errorText(number))"
        case .cannotListen(let address, let number):
            "cannot listen on \(address): \(errorText(number)); choose another address under `listen`, or stop what holds it"
        case .uringUnavailable(let number):
            "io_uring cannot be used: \(errorText(number)); allow the io_uring system calls, or set WEIR_BACKEND=epoll"
        }
    }
}

func errorText(_ number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}

extension ConnectionError {
    /// What an error number of `connect` means.
    init(connecting number: Int32) {
        switch number {
        case ECONNREFUSED: self = .refused
        case ECONNRESET: self = .reset
        case ETIMEDOUT, ECANCELED: self = .timedOut
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .exhausted
        default: self = .unreachable(errno: number)
        }
    }
}
