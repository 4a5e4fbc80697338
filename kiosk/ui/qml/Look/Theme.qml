pragma Singleton
import QtQuick

// Every size, colour and duration there is. Colours and set-up come from Python before the first screen;
// no screen has a colour, size or duration of its own.
QtObject {
    // ── set up (kiosk.ui.window) ──
    property color paper
    property color card
    property color ink
    property color soft
    property color line
    property color outline
    property color primary
    property color on_primary
    property color done
    property color done_ground
    property color mind
    property color mind_ground
    property color stop
    property color stop_ground
    property color told
    property color told_ground
    property color focus
    property real outline_units
    property list<string> covers
    property int motion_ms
    property int wait_ms
    property real text_scale: 1
    property string card_side
    property string scan_side

    // ── measured (Main) ──
    property real width: 1920
    property real height: 1080
    property bool dense: false // Chinese: lines stand further apart

    readonly property bool portrait: height > width
    readonly property real u: Math.min(width, height) / 90
    readonly property real caption: 2 * u * text_scale
    readonly property real body: 2.6 * u * text_scale
    readonly property real row_title: 3.2 * u * text_scale
    // What is large already grows less, so that larger text reflows and nothing is cut.
    readonly property real sentence: 4.4 * u * (1 + 0.5 * (text_scale - 1))
    readonly property real hero: 7 * u * (1 + 0.2 * (text_scale - 1))
    readonly property real button: Math.min(row_title, 3.7 * u)
    readonly property real leading: dense ? 1.5 : 1.35
    readonly property real tight: dense ? 1.35 : 1.18
    readonly property real drawing: (portrait ? 1.4 : 1.1) * u // unit of pictures that stand alone
    readonly property real margin: 5 * u
    readonly property real foot: 6.6 * u // below every screen; the offline line stands in it
    readonly property real foot_line: 4.8 * u
    readonly property real gap: Math.max(1.4 * u, 10)
    readonly property real corner: 1.6 * u
    readonly property real hairline: Math.max(1, outline_units > 0 ? outline_units * u : 0.16 * u)
    // the same in every theme
    readonly property color scrim: "#B80B0F13" // over what a question stands on
    readonly property color hinge: "#38000000" // of a binding
    readonly property color label: "#FFFFFF" // as it is printed
    readonly property color bars: "#17212B"
    readonly property real ring: 0.5 * u
    readonly property real faint: 0.6 // what cannot be pressed just now
    readonly property real target: Math.max(64, 6 * u * text_scale)
    readonly property real action: Math.max(64, 9 * u)
    readonly property real header: Math.max(8 * u, target + 4)
    readonly property int drop_ms: Math.min(160, motion_ms)

    readonly property var inks: ({ "done": done, "mind": mind, "stop": stop, "told": told, "wait": soft, "plain": soft })
    readonly property var grounds: ({ "done": done_ground, "mind": mind_ground, "stop": stop_ground, "told": told_ground, "wait": paper, "plain": paper })
    readonly property var signs: ({ "done": "done", "mind": "mind", "stop": "stop", "told": "told", "wait": "waiting", "plain": "book" })
    readonly property var turns: ({ "right": 0, "below": 90, "left": 180, "above": 270 })

    function ink_of(tone: string): color { return inks[tone] }
    function ground_of(tone: string): color { return grounds[tone] }
    function sign_of(tone: string): string { return signs[tone] }
    function cloth_of(cover: int): string { return covers[cover % covers.length].split(" ")[0] }
    function stamping_of(cover: int): string { return covers[cover % covers.length].split(" ")[1] }
}
