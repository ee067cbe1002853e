internal import Glibc
internal import Synchronization
import WeirBase
internal import WeirWire

/// One loop's end of the access log: lines gather in a buffer that goes to the writer's thread when it is full or a moment old. The loop never
/// waits for the log: when the writer is behind by more than `backlogLimit`, lines are dropped and counted.
public final class AccessLog: @unchecked Sendable {  // confined to its loop's thread
    private let writer: LogWriter
    private var buffer = ByteBuffer()

    private static let fullBytes = 32_768

    public init(_ writer: LogWriter) { self.writer = writer }

    /// Appends one line.
    func write(_ line: (inout ByteBuffer) -> Void) {
        line(&buffer)
        if buffer.count >= AccessLog.fullBytes { flush() }
    }

    /// Appends a line that tells the operator of a problem.
    func problem(_ text: String) {
        write { out in
            out.append(#"{"problem":"#)
            out.append(jsonString: text)
            out.append("}\n")
        }
    }

    /// Hands over what has gathered. Called by a timer, too.
    public func flush() {
        guard !buffer.isEmpty else { return }
        var full = ByteBuffer(capacity: AccessLog.fullBytes + 2_048)
        swap(&full, &buffer)
        writer.take(full)
    }
}

/// Writes what the loops hand over to one descriptor, on a thread of its own.
public final class LogWriter: @unchecked Sendable {  // what threads share is behind the lock
    private let descriptor: Int32
    private let state = Mutex(State())
    private var thread = pthread_t()

    private struct State: Sendable {
        var pending: [[UInt8]] = []
        var pendingBytes = 0
        var droppedBytes = 0
        var isEnding = false
    }

    private static let backlogLimit = 16 << 20

    /// - Parameter descriptor: where lines go; closed at the end if it is not a standard one.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        var thread = pthread_t()
        _ = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<LogWriter>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        self.thread = thread
    }

    /// Bytes of lines that were thrown away because the writer could not follow.
    public var droppedBytes: Int { state.withLock { $0.droppedBytes } }

    func take(_ buffer: consuming ByteBuffer) {
        let bytes = unsafe buffer.span.withUnsafeBufferPointer { unsafe Array($0) }
        state.withLock { state in
            guard state.pendingBytes + bytes.count <= LogWriter.backlogLimit else {
                state.droppedBytes += bytes.count
                return
            }
            state.pending.append(bytes)
            state.pendingBytes += bytes.count
        }
    }

    /// Writes what is left and ends the thread.
    public func finish() {
        state.withLock { $0.isEnding = true }
        pthread_join(thread, nil)
        if descriptor > 2 { close(descriptor) }
    }

    private func run() {
        while true {
            let (batch, isEnding) = state.withLock { state in
                let batch = state.pending
                state.pending = []
                state.pendingBytes = 0
                return (batch, state.isEnding)
            }
            for bytes in batch { write(bytes) }
            if batch.isEmpty {
                if isEnding { return }
                usleep(20_000)
            }
        }
    }

    private func write(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
            }
            if written > 0 {
                offset += written
            } else if errno != EINTR {
                state.withLock { $0.droppedBytes += bytes.count - offset }
                return
            }
        }
    }
}
