internal import CLinux
internal import Glibc
internal import Synchronization
import WeirBase

/// A thread with a loop of its own.
@safe
public final class LoopThread: @unchecked Sendable {  // the thread handle is written once, before the value is seen
    public private(set) var loop: EventLoop
    private var thread = pthread_t()
    private let isJoined = Mutex(false)

    private init(loop: EventLoop) { self.loop = loop }

    /// Starts a thread, makes a loop on it with the driver that `backend` asks for, runs `start` on it and then the loop.
    /// - Parameters:
    ///   - core: the processor to stay on, or nil.
    ///   - note: gets one line when `automatic` had to take epoll, with the reason and the cure.
    /// - Throws: what kept the driver from starting.
    public static func start(
        name: String, pinnedTo core: Int? = nil, backend: Backend = .automatic,
        note: @escaping @Sendable (String) -> Void = { _ in },
        _ start: @escaping @Sendable (EventLoop) -> Void
    ) throws(LoopError) -> LoopThread {
        let cell = StartCell(name: name, core: core, backend: backend, note: note, start: start)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<StartCell>.fromOpaque(argument).takeRetainedValue().runThread()
                return nil
            }, Unmanaged.passRetained(cell).toOpaque())
        guard code == 0 else { throw .system(call: "pthread_create", errno: code) }
        let loop = try cell.waitForLoop()
        let result = LoopThread(loop: loop)
        result.thread = thread
        return result
    }

    /// Waits for the thread's end, after `loop.stop`.
    public func join() {
        isJoined.withLock { joined in
            guard !joined else { return }
            joined = true
            pthread_join(thread, nil)
        }
    }
}

/// Carries a loop from its new thread to the one that asked for it.
@safe
private final class StartCell: @unchecked Sendable {  // `outcome` is behind the semaphore
    let name: String
    let core: Int?
    let backend: Backend
    let note: @Sendable (String) -> Void
    let start: @Sendable (EventLoop) -> Void
    private var outcome: Result<EventLoop, LoopError>?
    private let semaphore: UnsafeMutablePointer<sem_t>

    init(
        name: String, core: Int?, backend: Backend, note: @escaping @Sendable (String) -> Void,
        start: @escaping @Sendable (EventLoop) -> Void
    ) {
        self.name = name
        self.core = core
        self.backend = backend
        self.note = note
        self.start = start
        unsafe semaphore = .allocate(capacity: 1)
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func runThread() {
        if let core { weir_pin_thread(Int32(core)) }
        _ = unsafe weir_name_thread(String(name.prefix(15)))
        let loop: EventLoop
        do throws(LoopError) {
            loop = EventLoop(driver: try makeDriver(backend, note: note), name: name)
            loop.adoptThread()
            outcome = .success(loop)
        } catch {
            outcome = .failure(error)
            unsafe sem_post(semaphore)
            return
        }
        let start = start
        loop.execute { start(loop) }
        unsafe sem_post(semaphore)
        loop.run()
    }

    func waitForLoop() throws(LoopError) -> EventLoop {
        while unsafe sem_wait(semaphore) != 0 {}
        guard let outcome else { throw .system(call: "pthread_create", errno: EAGAIN) }
        return try outcome.get()
    }
}

/// The driver that `backend` asks for; with `automatic` io_uring if it can be had. `WEIR_BACKEND` (uring, epoll) overrides `automatic`.
public func makeDriver(
    _ backend: Backend, note: (String) -> Void = { _ in }
) throws(LoopError) -> any Driver {
    var wanted = backend
    if wanted == .automatic, let text = unsafe getenv("WEIR_BACKEND") {
        wanted = unsafe Backend(rawValue: String(cString: text)) ?? .automatic
    }
    switch wanted {
    case .epoll: return try EpollDriver()
    case .uring: return try UringDriver()
    case .automatic:
        do throws(LoopError) {
            return try UringDriver()
        } catch .uringUnavailable(let number) {
            note(
                "io_uring is not available (\(errorText(number))): using epoll, which costs more CPU per request; "
                    + "allow the system calls io_uring_setup, io_uring_enter and io_uring_register to use it")
            return try EpollDriver()
        }
    }
}
