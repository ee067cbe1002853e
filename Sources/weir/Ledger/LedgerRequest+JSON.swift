import WeirBase
import WeirBudget
import WeirLedger
import WeirStore
import WeirWire

extension LedgerRequest {
    /// The line of `weir ledger dump` (DESIGN, section 9), without its end.
    var jsonLine: [UInt8] {
        var out = ByteBuffer(capacity: 512)
        out.append("{\"request\":\"")
        id.append(to: &out)
        out.append("\",\"at\":\"")
        out.append(Timestamp.text(unixMilliseconds: id.unixMilliseconds))
        out.append("\"")
        out.add("team", team)
        out.add("key", key)
        out.add("model", model)
        if !tags.isEmpty { out.add("tags", tags) }
        out.add("status", status.name)
        out.add("nano_usd", cost)
        if estimated != .zero { out.add("estimated_nano_usd", estimated) }
        out.add("held_nano_usd", held)
        if !adjustments.isEmpty {
            out.add("adjusted_nano_usd", adjustments.reduce(.zero) { $0.adding($1.delta) })
        }
        out.append(",\"duration_us\":")
        out.append(decimal: Int(microseconds))
        out.append(",\"attempts\":[")
        for (index, attempt) in attempts.enumerated() {
            if index > 0 { out.append(",") }
            attempt.append(to: &out)
        }
        out.append("]}")
        return out.span.indices.map { out.span[$0] }
    }
}

extension LedgerRequest.Attempt {
    fileprivate func append(to out: inout ByteBuffer) {
        out.append("{\"provider\":")
        out.append(jsonString: provider)
        out.add("model", target)
        out.add("status", status.name)
        out.append(",\"http_status\":")
        out.append(decimal: httpStatus)
        if !priceVersion.isEmpty { out.add("price_version", priceVersion) }
        out.append(",\"usage\":{")
        var isFirst = true
        for (name, count) in usage.counts where count != 0 {
            if !isFirst { out.append(",") }
            isFirst = false
            out.append(jsonString: name)
            out.append(":")
            out.append(decimal: count)
        }
        out.append("}")
        let context = BillingContext(rawValue: context)
        if !context.isEmpty { out.add("context", context.text) }
        out.add("nano_usd", cost)
        out.append("}")
    }
}

extension Usage {
    /// Every count under the name that Weir's own JSON gives it.
    var counts: [(name: String, count: Int)] {
        [
            ("input_tokens", input), ("cached_input_tokens", cachedInput),
            ("cache_write_input_tokens", cacheWriteInput),
            ("cache_write_1h_input_tokens", cacheWrite1hInput), ("audio_input_tokens", audioInput),
            ("cached_audio_input_tokens", cachedAudioInput), ("image_input_tokens", imageInput),
            ("cached_image_input_tokens", cachedImageInput), ("video_input_tokens", videoInput),
            ("output_tokens", output), ("reasoning_output_tokens", reasoningOutput),
            ("audio_output_tokens", audioOutput), ("image_output_tokens", imageOutput),
            ("video_output_tokens", videoOutput), ("citation_output_tokens", citationOutput),
            ("web_searches", webSearches), ("file_searches", fileSearches), ("document_pages", documentPages),
            ("annotated_pages", annotatedPages), ("input_characters", inputCharacters),
            ("audio_milliseconds", audioMilliseconds),
        ]
    }
}

extension ByteBuffer {
    fileprivate mutating func add(_ name: StaticString, _ text: String) {
        append(",\"")
        append(name)
        append("\":")
        append(jsonString: text)
    }

    fileprivate mutating func add(_ name: StaticString, _ money: Money) {
        append(",\"")
        append(name)
        append("\":")
        append(decimal: Int(money.nanoUSD))
    }
}
