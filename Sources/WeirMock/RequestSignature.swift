import WeirBase
import WeirWire

/// Amazon's signature of a request, version 4 (providers.md, section 6.1), put together a second time from what arrived. Its date is not compared
/// with a clock: a recorded request stays good.
struct RequestSignature {
    let accessKey: String
    private let date: String
    private let region: String
    private let service: String
    private let signedNames: [String]
    private let signature: String

    /// Reads `AWS4-HMAC-SHA256 Credential=AKID/20261118/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=...`.
    init(_ field: ByteRange, _ headBytes: Span<UInt8>) throws(Refusal) {
        let text = Route.string(headBytes.extracting(field.bounds))
        let scheme = "AWS4-HMAC-SHA256"
        guard text.hasPrefix(scheme + " ") else { throw RequestSignature.incomplete("Authorization header is invalid") }
        var parts: [String: String] = [:]
        for part in text.dropFirst(scheme.count + 1).split(separator: ",") {
            let trimmed = part.drop { $0 == " " }
            guard let equals = trimmed.firstIndex(of: "=") else { continue }
            parts[String(trimmed[..<equals])] = String(trimmed[trimmed.index(after: equals)...])
        }
        guard let credential = parts["Credential"], let names = parts["SignedHeaders"],
            let signature = parts["Signature"]
        else {
            throw RequestSignature.incomplete("Authorization header requires Credential, SignedHeaders and Signature")
        }
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard scope.count == 5, scope[4] == "aws4_request" else {
            throw RequestSignature.incomplete("Credential must have the form key/date/region/service/aws4_request")
        }
        (accessKey, date, region, service) = (scope[0], scope[1], scope[2], scope[3])
        signedNames = names.split(separator: ";").map(String.init)
        self.signature = signature
    }

    /// - Throws: what the service answers when the signature is not the one that `secret` makes.
    func check(
        _ secret: Secret, _ head: borrowing RequestHead, _ headBytes: Span<UInt8>, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard service == "bedrock" else {
            throw wrong("Credential should be scoped to correct service: 'bedrock'.")
        }
        let fields = signedFields(head, headBytes)
        guard let time = fields.last(where: { $0.name == "x-amz-date" })?.value, time.hasPrefix(date + "T") else {
            throw wrong("Date in Credential scope does not match x-amz-date.")
        }
        guard signedNames.contains("host") else {
            throw wrong("'Host' must be a 'SignedHeader' in the AWS Authorization.")
        }
        let canonical = canonicalRequest(head, headBytes, fields, body)
        let scope = "\(date)/\(region)/\(service)/aws4_request"
        let toSign = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(digest(canonical).description)"
        let expected = code(signingKey(secret), toSign)
        guard let shown = Digest256(hexadecimal: signature), shown == expected else {
            throw wrong(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                    + "Access Key and signing method. Consult the service documentation for details.")
        }
    }

    private static func incomplete(_ message: String) -> Refusal {
        Refusal(status: 403, code: "IncompleteSignatureException", message: message)
    }

    private func wrong(_ message: String) -> Refusal {
        Refusal(status: 403, code: "InvalidSignatureException", message: message)
    }

    // MARK: What is signed

    private func canonicalRequest(
        _ head: borrowing RequestHead, _ headBytes: Span<UInt8>, _ fields: [(name: String, value: String)],
        _ body: Span<UInt8>
    ) -> String {
        let query = head.query.map { Route.string(headBytes.extracting($0.bounds)) } ?? ""
        var lines = [
            Route.string(headBytes.extracting(head.methodName.bounds)),
            encodedAgain(Route.string(headBytes.extracting(head.path.bounds))),
            query.split(separator: "&").sorted().joined(separator: "&"),
        ]
        lines += fields.map { "\($0.name):\($0.value)" }
        lines += ["", signedNames.joined(separator: ";"), SHA256State.digest(body).description]
        return lines.joined(separator: "\n")
    }

    /// The signed fields in the order of their names, values trimmed and their spaces run together.
    private func signedFields(_ head: borrowing RequestHead, _ headBytes: Span<UInt8>) -> [(
        name: String, value: String
    )] {
        var fields: [(name: String, value: String)] = []
        for index in head.fields.indices {
            let field = head.fields[index]
            let name = Route.string(headBytes.extracting(field.name.bounds)).lowercased()
            guard signedNames.contains(name) else { continue }
            let value = Route.string(headBytes.extracting(field.value.bounds)).split(separator: " ").joined(
                separator: " ")
            if let same = fields.firstIndex(where: { $0.name == name }) {
                fields[same].value += "," + value
            } else {
                fields.append((name, value))
            }
        }
        return fields.sorted { $0.name < $1.name }
    }

    /// Every byte of the path as sent but letters, digits, `-._~` and `/` as a percent sign and two digits: what was encoded for the wire is
    /// encoded once more.
    private func encodedAgain(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }

    // MARK: Keys

    private func signingKey(_ secret: Secret) -> HMAC256 {
        var start = ByteBuffer()
        start.append("AWS4")
        secret.reveal { start.append($0) }
        let steps = [region, service, "aws4_request"]
        return steps.reduce(HMAC256(code(HMAC256(key: start.span), date))) { HMAC256(code($0, $1)) }
    }

    private func code(_ key: HMAC256, _ text: String) -> Digest256 {
        let bytes = Array(text.utf8)
        return key.code(bytes.span)
    }

    private func digest(_ text: String) -> Digest256 {
        let bytes = Array(text.utf8)
        return SHA256State.digest(bytes.span)
    }
}
