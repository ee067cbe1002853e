/// Speaks to a running gateway through the socket in its data folder.
public struct ControlClient {
    private let path: String

    /// Why a running gateway was not reached.
    public enum Problem: Error, CustomStringConvertible {
        /// No gateway listens there.
        case notRunning
        /// One may, but not for this user or not in order.
        case failed(String)

        public var description: String {
            switch self {
            case .notRunning: "no gateway is running on this data folder"
            case .failed(let text): text
            }
        }
    }

    /// The file of the control socket in a data folder.
    public static func socketPath(in folder: String) -> String { "\(folder)/control.sock" }

    /// - Parameter dataFolder: the folder of the gateway's store.
    public init(dataFolder: String) { path = ControlClient.socketPath(in: dataFolder) }

    /// Whether a gateway listens there.
    public var isAnswered: Bool {
        get throws(Problem) {
            do throws(Problem) { _ = try connect() } catch {
                guard case .notRunning = error else { throw error }
                return false
            }
            return true
        }
    }

    /// Sends a request and waits for its answer.
    public func send(_ request: ControlRequest) throws(Problem) -> ControlResponse {
        let socket = try connect()
        socket.setTimeout(60)
        do throws(ControlProblem) {
            try socket.write(request)
            return try socket.readResponse()
        } catch {
            switch error {
            case .socket(let failure): throw .failed("the gateway at \(path) broke off: \(failure.text)")
            case .malformed(let text): throw .failed("the gateway at \(path) answered badly: \(text)")
            }
        }
    }

    private func connect() throws(Problem) -> UnixSocket {
        do throws(UnixSocket.Failure) { return try UnixSocket.connect(to: path) } catch {
            if error.meansAbsence { throw .notRunning }
            throw .failed("cannot reach the gateway at \(path): \(error.text)")
        }
    }
}
