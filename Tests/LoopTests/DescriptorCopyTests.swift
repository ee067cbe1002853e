import Glibc
import Synchronization
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

@Suite("Connections whose descriptor has a copy elsewhere") struct DescriptorCopyTests {
    /// A child process has copies of all descriptors from its fork to its exec. The socket is open as long as one of them is.
    @Test("a connection that was closed is reported no more, although its socket lives on", arguments: backends)
    func closed(_ backend: Backend) async throws {
        let copies = Mutex<[Int32]>([])
        try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0)) { connection in
                    do throws(ConnectionError) { try await connection.fill() } catch {}
                    copies.withLock { $0.append(dup(connection.handle)) }
                    connection.abort()
                }
                for _ in 0..<20 {
                    let client = try await loop.connect(to: listener.address)
                    client.write([1].span)
                    while copies.withLock({ $0.isEmpty }) { await loop.sleep(until: loop.now + .milliseconds(1)) }
                    // It arrives at the socket that lives on.
                    client.write([2].span)
                    await loop.sleep(until: loop.now + .milliseconds(2))
                    let before = loop.statistics.driver.completions
                    for _ in 0..<5 { await loop.sleep(until: loop.now + .milliseconds(1)) }
                    #expect(loop.statistics.driver.completions - before <= 10, "nothing happens")
                    client.abort()
                    for copy in copies.withLock({ $0 }) { close(copy) }
                    copies.withLock { $0 = [] }
                }
            } catch { Issue.record(error) }
        }
    }
}
