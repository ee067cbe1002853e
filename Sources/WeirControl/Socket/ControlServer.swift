internal import Glibc
internal import Synchronization

/// Serves the admin API at a socket in the data folder, on a thread of its own, one request after the other: changes are few, and one at a time
/// needs no thought about two at once.
public final class ControlServer: @unchecked Sendable {  // `thread` is written once, before anybody else sees the value
    private let listener: Listener
    private let path: String
    private var thread = pthread_t()

    /// What keeps it from starting.
    public struct StartError: Error, CustomStringConvertible {
        public let description: String
    }

    private final class Listener: Sendable {
        let socket: UnixSocket
        let answer: @Sendable (ControlRequest) -> ControlResponse
        init(socket: consuming UnixSocket, answer: @escaping @Sendable (ControlRequest) -> ControlResponse) {
            self.socket = socket
            self.answer = answer
        }

        func run() {
            while true {
                let connection: UnixSocket
                do throws(UnixSocket.Failure) { connection = try socket.accept(timeout: 10) } catch { return }
                serve(connection)
            }
        }

        private func serve(_ connection: borrowing UnixSocket) {
            do throws(ControlProblem) {
                guard let request = try connection.readRequest() else { return }
                try connection.write(answer(request))
            } catch {
                guard case .malformed(let text) = error else { return }  // whoever asked has gone
                let response = ControlResponse(failure: ControlFailure(status: 400, code: "bad_request", message: text))
                do throws(ControlProblem) { try connection.write(response) } catch { return }
            }
        }
    }

    /// Starts to listen in `dataFolder`.
    /// - Parameter answer: called on the server's thread, one call at a time.
    public init(
        dataFolder: String, answer: @escaping @Sendable (ControlRequest) -> ControlResponse
    ) throws(StartError) {
        path = ControlClient.socketPath(in: dataFolder)
        do throws(UnixSocket.Failure) {
            listener = Listener(socket: try UnixSocket.listen(at: path), answer: answer)
        } catch {
            throw StartError(description: "cannot listen at \(path): \(error.text); choose another folder under `data`")
        }
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Listener>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(listener).toOpaque())
        guard code == 0 else { throw StartError(description: "cannot start the control thread (error \(code))") }
    }

    /// Ends the thread and removes the socket's file.
    public func stop() {
        listener.socket.interrupt()
        pthread_join(thread, nil)
        unsafe unlink(path)
    }
}
