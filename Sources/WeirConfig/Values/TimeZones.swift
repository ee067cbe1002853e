internal import WeirBase
public import WeirBudget

/// Why there are no rules for a time zone's name.
public enum TimeZoneProblem: Error {
    case notAName
    case unknown
    case unreadable

    func message(_ name: String) -> String {
        switch self {
        case .notAName: "\(quoted(name)) is no name of a time zone"
        case .unknown: "there is no time zone \(quoted(name))"
        case .unreadable: "the rules of the time zone \(quoted(name)) cannot be read"
        }
    }

    var cure: String {
        switch self {
        case .notAName: "write for example Europe/Berlin or UTC"
        case .unknown: "write a name of the time zone database such as Europe/Berlin; Debian's package tzdata holds it"
        case .unreadable: "install Debian's package tzdata anew"
        }
    }
}

extension TimeZoneRules {
    /// The folder of the system's time zones.
    private static let folder = "/usr/share/zoneinfo"

    /// The rules of a zone by its name in the time zone database; `UTC` needs no file.
    public static func named(
        _ name: String, files: FileReader = Machine.readFile
    ) throws(TimeZoneProblem) -> TimeZoneRules {
        if name == "UTC" { return .utc }
        let isName = name.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+") }
        guard (1...64).contains(name.utf8.count), isName, !name.contains(".."), !name.hasPrefix("/") else {
            throw .notAName
        }
        let bytes: [UInt8]
        do { bytes = try files("\(folder)/\(name)") } catch { throw .unknown }
        do throws(TimeZoneError) { return try TimeZoneRules(file: bytes.span) } catch { throw .unreadable }
    }
}
