import WeirBase

extension Reader {
    private static let example = "write \"credentials: [env:NAME]\" or \"[file:PATH]\""

    func readCredentials(_ field: Field?, of dialect: Policy.DialectName?) -> [Policy.Credential] {
        guard let field else { return [] }
        guard case .list = field.value.content else {
            // A single text is the likeliest slip, and may be the secret itself.
            if case .text(let text) = field.value.content, !text.isEmpty, !isReference(text) {
                noteClear(field)
            } else {
                _ = field.list(or: Self.example)
            }
            return []
        }
        guard let entries = field.list(or: Self.example + ", or leave it out for a server that wants none") else {
            return []
        }
        var credentials: [Policy.Credential] = []
        for entry in entries {
            guard let credential = readCredential(entry, of: dialect) else { continue }
            if credentials.contains(where: { $0.source == credential.source }) {
                entry.note("is listed twice", "remove one")
            }
            credentials.append(credential)
        }
        return credentials
    }

    private func readCredential(_ field: Field, of dialect: Policy.DialectName?) -> Policy.Credential? {
        if case .map = field.value.content { return readAccessKey(field, of: dialect) }
        return readSecret(field).map { Policy.Credential(source: $0.source, form: .key($0.secret)) }
    }

    private func readAccessKey(_ field: Field, of dialect: Policy.DialectName?) -> Policy.Credential? {
        guard dialect == nil || dialect == .bedrock else {
            field.note("credentials of several parts are for bedrock only", "write env:NAME or file:PATH")
            return nil
        }
        guard let section = Section(field, Self.accessKeySettings) else { return nil }
        let id = section["access_key_id"].flatMap(readSecret)
        let secret = section["secret_access_key"].flatMap(readSecret)
        let tokenField = section["session_token"]
        let token = tokenField.flatMap(readSecret)
        guard let id, let secret, tokenField == nil || token != nil else { return nil }
        var idText = ""
        id.secret.reveal { bytes in for at in bytes.indices { idText.unicodeScalars.append(Unicode.Scalar(bytes[at])) }
        }
        guard idText.utf8.allSatisfy(isNameByte) else {
            section["access_key_id"]?.note("what it names is no id of an access key", "put the id alone there")
            return nil
        }
        return Policy.Credential(
            source: secret.source,
            form: .accessKey(Policy.AccessKey(id: idText, secret: secret.secret, sessionToken: token?.secret)))
    }

    /// What `env:NAME` or `file:PATH` stands for.
    private func readSecret(_ field: Field) -> (source: String, secret: Secret)? {
        guard let text = field.text(or: "write env:NAME or file:PATH") else { return nil }
        guard !text.isEmpty else {
            field.note("is empty", "write env:NAME or file:PATH")
            return nil
        }
        guard isReference(text) else {
            noteClear(field)
            return nil
        }
        let secret = text.hasPrefix("env:") ? fromVariable(text, field) : fromFile(text, field)
        return secret.map { (text, $0) }
    }

    private func isReference(_ text: String) -> Bool { text.hasPrefix("env:") || text.hasPrefix("file:") }

    private func noteClear(_ field: Field) {
        let cure =
            "put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file"
        field.note("a credential stands here in clear (not shown)", cure)
    }

    private func fromVariable(_ text: String, _ field: Field) -> Secret? {
        let name = String(text.dropFirst(4))
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.allSatisfy(isVariableByte),
            !mayBeSecret(name)
        else {
            field.note(
                "what follows env: is not the name of a variable",
                "write env:NAME, where NAME is a variable such as OPENAI_API_KEY")
            return nil
        }
        guard let value = environment(name) else {
            field.note("the variable \(name) is not set", "set it where weir is started")
            return nil
        }
        return checked(Array(value.utf8), what: "the variable \(name)", field)
    }

    private func isVariableByte(_ byte: UInt8) -> Bool {
        isNameByte(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ".")
    }

    private func fromFile(_ text: String, _ field: Field) -> Secret? {
        let path = resolved(String(text.dropFirst(5)))
        guard text.utf8.count > 5, !text.contains("\0") else {
            field.note("nothing follows file:", "write file:PATH; relative paths are relative to this file")
            return nil
        }
        var bytes: [UInt8]
        do throws(FileProblem) { bytes = try files(path) } catch {
            field.note(
                "\(shown(path)): \(error.description)",
                "write the path of a readable file; relative paths are relative to this file")
            return nil
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return checked(bytes, what: "the file \(shown(path))", field)
    }

    /// A secret goes into a header field: nothing in it may end the field or be read in two ways.
    private func checked(_ bytes: [UInt8], what: String, _ field: Field) -> Secret? {
        if bytes.isEmpty {
            field.note("\(what) is empty", "put the key there")
        } else if bytes.count > 8192 {
            field.note("\(what) has over 8192 bytes", "put the key alone there")
        } else if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            field.note("\(what) has control characters in it", "put the key alone there, on one line")
        } else if bytes.contains(where: { $0 >= 0x80 }) {
            field.note("\(what) has characters beyond ASCII in it", "put the key alone there")
        } else if bytes.first == 0x20 || bytes.last == 0x20 {
            field.note("\(what) begins or ends with a space", "remove it")
        } else {
            return Secret(bytes: bytes)
        }
        return nil
    }
}
