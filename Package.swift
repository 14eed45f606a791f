// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A library target of `Sources/` and the modules it stands on.
func library(_ name: String, on dependencies: [String] = [], embedding files: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, resources: files.map { .embedInCode($0) },
        swiftSettings: settings)
}

/// An adapter: a folder of `Adapters/`, standing on the core and on plumbing, never on another adapter.
func adapter(_ name: String, on plumbing: [String] = [], embedding files: [String] = []) -> Target {
    .target(
        name: name, dependencies: (["Mailroom"] + plumbing).map { .byName(name: $0) },
        path: "Adapters/\(name)", resources: files.map { .embedInCode($0) }, swiftSettings: settings)
}

func tests(_ name: String, of dependencies: [String], packageAccess: Bool = true) -> Target {
    .testTarget(
        name: name, dependencies: dependencies.map { .byName(name: $0) },
        path: "Tests/\(name)", packageAccess: packageAccess, swiftSettings: settings)
}

let adapters = [
    adapter("MailroomMemoryBroker"),
    adapter("MailroomFileBroker", on: ["MailroomFiles"]),
    adapter("MailroomRedisBroker", on: ["MailroomSockets", "MailroomLibraries"]),
    adapter("MailroomLetters", on: ["MailroomMIME", "MailroomPDF", "MailroomLibraries"]),
    adapter("MailroomSMTP", on: ["MailroomMIME", "MailroomSockets", "MailroomLibraries"]),
    adapter("MailroomSendmail", on: ["MailroomMIME", "MailroomSockets"]),
    adapter("MailroomSpool", on: ["MailroomMIME", "MailroomFiles"]),
    adapter("MailroomDKIM", on: ["MailroomMIME", "MailroomLibraries"]),
    adapter(
        "MailroomCapture",
        on: ["MailroomMIME", "MailroomSockets", "MailroomHTTP", "MailroomLibraries", "MailroomFiles"],
        embedding: ["Page/Assets/page.css", "Page/Assets/page.js", "Page/Assets/icon.svg"]),
]

let libraries = [
    library("MailroomMIME"),
    library("Mailroom", on: ["MailroomMIME"]),
    library("MailroomPDF"),
    library("MailroomLibraries"),
    library("MailroomFiles"),
    library("MailroomSockets", on: ["MailroomLibraries"]),
    library("MailroomHTTP", on: ["MailroomSockets", "MailroomLibraries"]),
    library("MailroomTesting", on: ["Mailroom", "MailroomMIME"]),
    library("MailroomScriptedServer", on: ["MailroomSockets", "MailroomLibraries"]),
    library(
        "MailroomCommands",
        on: ["Mailroom", "MailroomMIME", "MailroomLibraries", "MailroomSockets", "MailroomHTTP", "MailroomCapture"],
        embedding: ["preview.html", "preview.css", "preview.js"].map { "Letters/Preview/Assets/\($0)" }),
]

let package = Package(
    name: "Mailroom",
    platforms: [.macOS(.v15)],
    products: (libraries + adapters).map { .library(name: $0.name, targets: [$0.name]) } + [
        .library(name: "MailroomTemplates", targets: ["MailroomTemplates"]),
        .executable(name: "mailroom", targets: ["MailroomTool"]),
        .executable(name: "mailroom-benchmarks", targets: ["Benchmarks"]),
    ],
    targets: libraries + adapters + [
        .target(
            name: "MailroomTemplates", path: "Templates",
            resources: ["volunteer-letter", "invitation", "confirmation"].flatMap { name in
                ["fr.md", "en.md", "fr.json", "en.json"].map { .embedInCode("\(name)-\($0)") }
            } + [.embedInCode("teachers.csv")],
            swiftSettings: settings),
        .executableTarget(
            name: "MailroomTool",
            dependencies: [
                "Mailroom", "MailroomMIME", "MailroomCommands", "MailroomTemplates", "MailroomMemoryBroker",
                "MailroomFileBroker", "MailroomRedisBroker", "MailroomLetters", "MailroomSMTP", "MailroomSendmail",
                "MailroomSpool", "MailroomDKIM", "MailroomCapture",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Mailroom", "MailroomMIME", "MailroomPDF", "MailroomTemplates", "MailroomFileBroker",
                "MailroomMemoryBroker", "MailroomLetters", "MailroomSMTP", "MailroomSockets", "MailroomLibraries",
                "MailroomTesting", "MailroomDKIM", "MailroomRedisBroker", "MailroomCapture",
            ],
            path: "Tests/Benchmarks", swiftSettings: settings),
        // Not a test target of its own, but what test targets share: it costs no link.
        .target(
            name: "TestSupport", dependencies: ["MailroomFiles", "MailroomLibraries"], path: "Tests/Support",
            resources: [.embedInCode("Browser/browser.py")], swiftSettings: settings),
        tests("MIMETests", of: ["MailroomMIME", "TestSupport"]),
        tests("CoreTests", of: ["Mailroom", "MailroomMIME", "MailroomMemoryBroker", "MailroomTesting", "TestSupport"]),
        tests("PDFTests", of: ["MailroomPDF", "TestSupport"]),
        tests(
            "LettersTests",
            of: ["Mailroom", "MailroomMIME", "MailroomLetters", "MailroomTemplates", "MailroomPDF", "TestSupport"]),
        tests("SocketTests", of: ["MailroomSockets", "MailroomLibraries", "MailroomScriptedServer", "TestSupport"]),
        tests(
            "SMTPTests",
            of: [
                "Mailroom", "MailroomMIME", "MailroomSMTP", "MailroomSockets", "MailroomLibraries", "MailroomTesting",
                "MailroomScriptedServer", "TestSupport",
            ]),
        tests(
            "TransportTests",
            of: [
                "Mailroom", "MailroomMIME", "MailroomSendmail", "MailroomSpool", "MailroomDKIM", "MailroomFiles",
                "MailroomLibraries", "MailroomTesting", "MailroomScriptedServer", "TestSupport",
            ]),
        tests(
            "CaptureTests",
            of: [
                "Mailroom", "MailroomMIME", "MailroomSockets", "MailroomHTTP", "MailroomLibraries", "MailroomFiles",
                "MailroomCapture", "MailroomSMTP", "TestSupport",
            ]),
        tests(
            "BrokerTests",
            of: [
                "Mailroom", "MailroomTesting", "MailroomMemoryBroker", "MailroomFileBroker", "MailroomRedisBroker",
                "MailroomFiles", "MailroomSockets", "MailroomLibraries", "TestSupport",
            ]),
        tests(
            "Contracts",
            of: [
                "Mailroom", "MailroomMIME", "MailroomTesting", "MailroomScriptedServer", "MailroomMemoryBroker",
                "MailroomFileBroker", "MailroomRedisBroker", "MailroomSMTP", "MailroomSendmail", "MailroomSpool",
                "MailroomDKIM", "MailroomLibraries", "TestSupport",
            ]),
        tests(
            "EndToEnd",
            of: [
                "Mailroom", "MailroomMIME", "MailroomCommands", "MailroomTemplates", "MailroomTesting", "MailroomTool",
                "MailroomFileBroker", "MailroomMemoryBroker", "MailroomRedisBroker", "MailroomLetters", "MailroomSMTP",
                "MailroomSendmail", "MailroomSpool", "MailroomDKIM", "MailroomCapture", "MailroomLibraries",
                "MailroomPDF", "MailroomScriptedServer", "TestSupport",
            ]),
        tests(
            "OtherPackageTests", of: ["Mailroom", "MailroomMIME", "MailroomCommands", "MailroomTesting"],
            packageAccess: false),
    ],
    swiftLanguageModes: [.v6]
)
