/// Whether a byte may stand in the name of a provider, team or key.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
    default: false
    }
}

/// Whether a byte may stand in the name of a model: visible ASCII but for `"` and `\`, so that a name goes into JSON and into header
/// fields as it is.
func isModelByte(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
}

extension Field {
    /// Whether `name` can name a provider, team or key; else a mistake at the name.
    func isGoodName(_ name: String) -> Bool {
        if (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte) { return true }
        mistakes.add(
            at: namePlace, path, "this name is not allowed", "use 1 to 64 letters, digits, \"-\", \"_\" and \".\"")
        return false
    }

    /// Whether `name` can name a model that clients ask for; else a mistake at the name.
    func isGoodModelName(_ name: String) -> Bool {
        if (1...200).contains(name.utf8.count), name.utf8.allSatisfy({ isModelByte($0) && $0 != UInt8(ascii: "*") }) {
            return true
        }
        let cure = "use 1 to 200 visible ASCII characters, without \", \\ and *"
        mistakes.add(at: namePlace, path, "this model name is not allowed", cure)
        return false
    }
}

extension Policy {
    /// Whether `name` can name a provider, team or key.
    public static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
    }
}
