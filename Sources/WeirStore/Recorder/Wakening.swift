internal import CLinux
internal import Glibc

/// What a thread sleeps on until it is called or a time is over. Calls from any thread; many before it wakes are one.
final class Wakening: Sendable {
    private let descriptor: Int32

    init() throws(StoreError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .file(path: "eventfd", call: "eventfd", errno: errno) }
    }

    deinit { close(descriptor) }

    func call() {
        var one: UInt64 = 1
        // It fails only where it has been called 2^64 times already.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Returns after a call, at once if there was one already, or after `milliseconds`.
    func wait(milliseconds: Int) {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&request, 1, Int32(clamping: milliseconds)) > 0 else { return }
        var calls: UInt64 = 0
        _ = unsafe read(descriptor, &calls, 8)
    }
}

/// A thread that runs one function to its end.
@safe
final class RecorderThread: @unchecked Sendable {  // the handle is written before the value is shared
    private var handle = pthread_t()

    private final class Body {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    init(name: String, _ run: @escaping @Sendable () -> Void) throws(StoreError) {
        let body = unsafe Unmanaged.passRetained(Body(name: name, run: run))
        let code = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                _ = unsafe weir_name_thread(String(body.name.prefix(15)))
                body.run()
                return nil
            }, unsafe body.toOpaque())
        guard code == 0 else {
            unsafe body.release()
            throw .file(path: name, call: "pthread_create", errno: code)
        }
    }

    func join() { pthread_join(handle, nil) }
}
