extension Reader {
    static let listenerSettings: [Setting] = [
        .required("address", "address", "Where clients are served.", aliases: ["listen", "port"]),
        .optional("tls", "map of settings", default: "none", "Serve HTTPS with this certificate.", aliases: ["ssl"]),
    ]
    static let tlsSettings: [Setting] = [
        .required(
            "certificate", "path", "PEM file of the certificate, followed by its chain.",
            aliases: ["cert", "cert_file", "crt"]),
        .required("key", "path", "PEM file of the certificate's private key.", aliases: ["key_file", "private_key"]),
    ]

    func readListen(_ field: Field?) -> [Policy.Listener] {
        guard let field else { return [] }
        var listeners: [Policy.Listener] = []
        let entries: [Field]
        switch field.value.content {
        case .list: entries = field.list(or: "write an address such as 127.0.0.1:8080") ?? []
        default: entries = [field]
        }
        for entry in entries {
            guard let listener = readListener(entry) else { continue }
            if listener.address.port != 0, listeners.contains(where: { $0.address == listener.address }) {
                entry.note("\(listener.address) is listed twice", "remove one")
            }
            listeners.append(listener)
        }
        return listeners
    }

    private func readListener(_ field: Field) -> Policy.Listener? {
        guard case .map = field.value.content else {
            return readAddress(field).map { Policy.Listener(address: $0, tls: nil) }
        }
        guard let section = Section(field, Self.listenerSettings) else { return nil }
        let address = readAddress(section["address"])
        let tls = readTLS(section["tls"])
        return address.map { Policy.Listener(address: $0, tls: tls) }
    }

    private func readAddress(_ field: Field?) -> ListenAddress? {
        guard let field, let text = field.text(or: "write an address such as 127.0.0.1:8080") else { return nil }
        if let address = ListenAddress(text) { return address }
        if let port = decimalNumber(text), port <= 65535 {
            field.note("\(port) is a port without an address", "write 127.0.0.1:\(port), or :\(port) for all addresses")
        } else {
            let cure = "write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
            field.note("\(quoted(text)) is no address to listen on", cure)
        }
        return nil
    }

    private func readTLS(_ field: Field?) -> Policy.TLSFiles? {
        guard let field, let section = Section(field, Self.tlsSettings) else { return nil }
        let certificate = readPEMPath(section["certificate"], block: "CERTIFICATE")
        let key = readPEMPath(section["key"], block: "PRIVATE KEY")
        guard let certificate, let key else { return nil }
        return Policy.TLSFiles(certificate: certificate, key: key)
    }
}
