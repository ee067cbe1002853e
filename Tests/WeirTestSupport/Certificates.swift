public import Foundation
internal import Glibc

/// A small world of certificates in a temporary folder, made once a test run with the `openssl` program. All keys are P-256.
public struct Certificates: Sendable {
    /// A certificate file (the leaf first, as a server sends it) and its key.
    public struct Identity: Sendable {
        public let certificate: String
        public let key: String
    }

    public let folder: URL
    /// The authority that issued all but `selfSigned` and `stranger`.
    public let authority: String
    /// For localhost, api.example, *.wild.example, 127.0.0.1 and ::1.
    public let server: Identity
    /// The same names, another key.
    public let renewed: Identity
    /// Ended on 2021-01-01.
    public let expired: Identity
    /// Begins on 2099-01-01.
    public let future: Identity
    /// For localhost, issued by itself.
    public let selfSigned: Identity
    /// For localhost, issued by an authority that nobody trusts.
    public let stranger: Identity

    /// The one set of this process; the folder goes when the process ends.
    public static let shared: Certificates = {
        do {
            let made = try Certificates()
            atexit { try? FileManager.default.removeItem(at: Certificates.shared.folder) }
            return made
        } catch { fatalError("cannot make certificates: \(error)") }
    }()

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "weir-certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.caSettings.write(to: folder.appending(path: "ca.cnf"), atomically: true, encoding: .utf8)
        try Data().write(to: folder.appending(path: "index.txt"))
        try "01\n".write(to: folder.appending(path: "serial"), atomically: true, encoding: .utf8)
        let workshop = Workshop(folder: folder)
        authority = try workshop.selfSigned("authority", subject: "/CN=Weir test authority", extensions: "authority")
            .certificate
        let other = try workshop.selfSigned("other", subject: "/CN=Nobody's authority", extensions: "authority")
        selfSigned = try workshop.selfSigned("self-signed", subject: "/CN=self-signed.example", extensions: "leaf")
        server = try workshop.issue("server", from: "20200101000000Z", until: "20990101000000Z")
        renewed = try workshop.issue("renewed", from: "20200101000000Z", until: "20990101000000Z")
        expired = try workshop.issue("expired", from: "20200101000000Z", until: "20210101000000Z")
        future = try workshop.issue("future", from: "20990101000000Z", until: "21000101000000Z")
        stranger = try workshop.issue("stranger", from: "20200101000000Z", until: "20990101000000Z", by: other)
    }

    /// The server's key, protected by a pass phrase.
    public func encryptedKey() throws -> String {
        try Workshop(folder: folder).openssl(
            "pkey", "-in", server.key, "-aes256", "-passout", "pass:x", "-out", "encrypted.key")
        return folder.appending(path: "encrypted.key").path
    }

    /// A key that belongs to no certificate.
    public func rsaKey() throws -> String {
        try Workshop(folder: folder).openssl("genrsa", "-out", "rsa.key", "2048")
        return folder.appending(path: "rsa.key").path
    }

    private static let caSettings = """
        [ca]
        default_ca = test
        [test]
        database = index.txt
        serial = serial
        new_certs_dir = .
        default_md = sha256
        policy = any
        unique_subject = no
        [any]
        commonName = supplied
        [req]
        distinguished_name = name
        [name]
        [authority]
        basicConstraints = critical,CA:TRUE
        keyUsage = critical,keyCertSign,cRLSign
        subjectKeyIdentifier = hash
        [leaf]
        basicConstraints = critical,CA:FALSE
        subjectAltName = DNS:localhost,DNS:api.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1
        """
}

/// Runs `openssl` in the folder.
private struct Workshop {
    let folder: URL

    func selfSigned(_ name: String, subject: String, extensions: String) throws -> Certificates.Identity {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
            "-config", "ca.cnf", "-extensions", extensions, "-subj", subject,
            "-keyout", "\(name).key", "-out", "\(name).pem")
        return identity(name)
    }

    /// Issues by the authority, or by `issuer`.
    func issue(
        _ name: String, from: String, until: String, by issuer: Certificates.Identity? = nil
    ) throws -> Certificates.Identity {
        try openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "ca.cnf",
            "-subj", "/CN=\(name).example", "-keyout", "\(name).key", "-out", "\(name).csr")
        let issuer = issuer ?? identity("authority")
        try openssl(
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-extensions", "leaf", "-cert", issuer.certificate,
            "-keyfile", issuer.key, "-startdate", from, "-enddate", until, "-in", "\(name).csr", "-out", "\(name).pem")
        return identity(name)
    }

    private func identity(_ name: String) -> Certificates.Identity {
        Certificates.Identity(
            certificate: folder.appending(path: "\(name).pem").path, key: folder.appending(path: "\(name).key").path)
    }

    func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(command: arguments.joined(separator: " "), output: String(decoding: text, as: UTF8.self))
        }
    }

    private struct Failure: Error {
        let command: String
        let output: String
    }
}
