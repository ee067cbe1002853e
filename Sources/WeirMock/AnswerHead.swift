import WeirBase
import WeirMockScript
import WeirWire

/// The head of an answer, with the fields of the provider it imitates.
struct AnswerHead {
    enum Framing { case length(Int), chunked, close }

    var status = 200
    let number: AnswerNumber
    let service: Service
    var contentType: StaticString = "application/json"
    var framing = Framing.length(0)
    var closes: Bool
    /// Seconds; Google and Amazon have no field for it.
    var retryAfter: Int?
    /// Amazon's name of an error.
    var exception: String?

    init(number: AnswerNumber, service: Service = .openAI, closes: Bool) {
        self.number = number
        self.service = service
        self.closes = closes
    }

    func append(to buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: status)
        buffer.append(" ")
        buffer.append(Refusal.reason(status))
        buffer.append("\r\ncontent-type: ")
        buffer.append(contentType)
        buffer.append("\r\n")
        appendServiceFields(to: &buffer)
        if let retryAfter, service != .gemini, service != .bedrock {
            buffer.append("retry-after: ")
            buffer.append(decimal: retryAfter)
            buffer.append("\r\n")
        }
        if let exception, service == .bedrock {
            buffer.append("x-amzn-ErrorType: ")
            buffer.append(exception)
            buffer.append(":http://internal.amazon.com/coral/com.amazon.bedrock/\r\n")
        }
        if closes { buffer.append("connection: close\r\n") }
        switch framing {
        case .length(let bytes):
            buffer.append("content-length: ")
            buffer.append(decimal: bytes)
            buffer.append("\r\n\r\n")
        case .chunked: buffer.append("transfer-encoding: chunked\r\n\r\n")
        case .close: buffer.append("\r\n")
        }
    }

    private func appendServiceFields(to buffer: inout ByteBuffer) {
        switch service {
        case .openAI:
            appendID("x-request-id", to: &buffer)
            buffer.append("openai-version: 2020-10-01\r\nopenai-processing-ms: 1\r\n")
            buffer.append("x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n")
        case .azure:
            appendID("x-request-id", to: &buffer)
            appendID("apim-request-id", to: &buffer)
            buffer.append("x-ms-region: Sweden Central\r\nx-ratelimit-remaining-requests: 9999\r\n")
        case .anthropic:
            appendID("request-id", to: &buffer)
            buffer.append("anthropic-organization-id: 00000000-0000-4000-8000-000000000000\r\n")
            buffer.append(
                "anthropic-ratelimit-requests-limit: 10000\r\nanthropic-ratelimit-requests-remaining: 9999\r\n")
            buffer.append("anthropic-ratelimit-requests-reset: 2026-11-18T00:00:00Z\r\n")
        case .gemini: buffer.append("vary: Origin, X-Origin, Referer\r\n")
        case .bedrock: appendID("x-amzn-RequestId", to: &buffer)
        }
    }

    private func appendID(_ name: StaticString, to buffer: inout ByteBuffer) {
        buffer.append(name)
        buffer.append(": req_mock")
        number.append(to: &buffer)
        buffer.append("\r\n")
    }
}
