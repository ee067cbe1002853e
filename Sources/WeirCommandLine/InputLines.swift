internal import Glibc

/// The lines of standard input or a file, for commands that answer line by line.
///
/// It says when it is about to wait for more (`beforeWaiting`): what has been answered until then must be written, because whoever asks may wait for it.
public struct InputLines: ~Copyable {
    /// A longer line is given cut at this length, and `isCut` is set.
    public static let limitBytes = 4 << 20

    /// Why input could not be read, in the system's words.
    public struct Failure: Error {
        public let text: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var scanned = 0
    private var isOver = false
    /// Whether the line that was given last was longer than `limitBytes`.
    public private(set) var isCut = false

    /// Opens the file at `path`, or standard input for nil and `-`.
    public init(path: String?) throws(Failure) {
        guard let path, path != "-" else {
            descriptor = 0
            return
        }
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw Failure(text: "\(path): \(unsafe String(cString: strerror(errno)))") }
    }

    deinit { if descriptor > 0 { close(descriptor) } }

    /// The next line without its end; nil at the end of the input. The last line needs no end.
    public mutating func next(beforeWaiting: () -> Void) throws(Failure) -> ArraySlice<UInt8>? {
        isCut = false
        while true {
            if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[start..<end]
                start = end + 1
                scanned = start
                return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            }
            scanned = buffer.count
            if scanned - start > Self.limitBytes { return try takeLong(beforeWaiting) }
            guard !isOver else { return takeRest() }
            try fill(beforeWaiting)
        }
    }

    /// All of a file.
    public static func readAll(path: String, limitBytes: Int) throws(Failure) -> [UInt8] {
        var lines = try InputLines(path: path)
        while !lines.isOver {
            guard lines.buffer.count <= limitBytes else {
                throw Failure(text: "\(path) is over \(limitBytes >> 20) MiB")
            }
            try lines.fill {}
        }
        return lines.buffer
    }

    private mutating func takeRest() -> ArraySlice<UInt8>? {
        guard start < buffer.count else { return nil }
        let line = buffer[start...]
        start = buffer.count
        return line
    }

    /// Gives the beginning of a line and passes over the rest of it.
    private mutating func takeLong(_ beforeWaiting: () -> Void) throws(Failure) -> ArraySlice<UInt8>? {
        let line = buffer[start..<start + Self.limitBytes]
        isCut = true
        while true {
            buffer.removeAll(keepingCapacity: true)
            (start, scanned) = (0, 0)
            try fill(beforeWaiting)
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                (start, scanned) = (end + 1, end + 1)
                return line
            }
            if isOver { return line }
        }
    }

    private mutating func fill(_ beforeWaiting: () -> Void) throws(Failure) {
        beforeWaiting()
        if start > 0 {
            buffer.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        let count = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: 64 << 10))
        while true {
            let taken = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress! + count, 64 << 10)
            }
            if taken < 0, errno == EINTR { continue }
            buffer.removeSubrange((count + max(0, taken))...)
            if taken < 0 { throw Failure(text: "cannot read the input: \(unsafe String(cString: strerror(errno)))") }
            isOver = taken == 0
            return
        }
    }
}

/// Lines of output that are written together.
public struct OutputLines: ~Copyable {
    private var buffer: [UInt8] = []

    public init() {}

    public mutating func add(_ line: some Sequence<UInt8>) {
        buffer += line
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count > 256 << 10 { flush() }
    }

    /// Writes all of them; ends the program in order where nobody reads any more.
    public mutating func flush() {
        var at = 0
        while at < buffer.count {
            let written = unsafe buffer.withUnsafeBytes { unsafe write(1, $0.baseAddress! + at, $0.count - at) }
            if written < 0, errno == EINTR { continue }
            if written <= 0 { exit(1) }
            at += written
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
