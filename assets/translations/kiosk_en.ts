<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>words</name>
    <message numerus="yes">
        <source>That was not the PIN. {n} tries left.</source>
        <translation>
            <numerusform>That was not the PIN. {n} try left.</numerusform>
            <numerusform>That was not the PIN. {n} tries left.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>To protect your account, this card rests for {n} minutes. The desk can help at once.</source>
        <translation>
            <numerusform>To protect your account, this card rests for {n} minute. The desk can help at once.</numerusform>
            <numerusform>To protect your account, this card rests for {n} minutes. The desk can help at once.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} of your books are overdue. Once they are back you can borrow again.</source>
        <translation>
            <numerusform>{n} of your books is overdue. Once it is back you can borrow again.</numerusform>
            <numerusform>{n} of your books are overdue. Once they are back you can borrow again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{borrowed} of {limit} books, {n} left</source>
        <translation>
            <numerusform>{borrowed} of {limit} books, {n} left</numerusform>
            <numerusform>{borrowed} of {limit} books, {n} left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books borrowed</source>
        <translation>
            <numerusform>{n} book borrowed</numerusform>
            <numerusform>{n} books borrowed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>One moment: {n} books are still being recorded…</source>
        <translation>
            <numerusform>One moment: {n} book is still being recorded…</numerusform>
            <numerusform>One moment: {n} books are still being recorded…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} reserved books are ready for you: {shelf}.</source>
        <translation>
            <numerusform>{n} reserved book is ready for you: {shelf}.</numerusform>
            <numerusform>{n} reserved books are ready for you: {shelf}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} of your books are needed by others. My books says by when to bring them back.</source>
        <translation>
            <numerusform>{n} of your books is needed by others. My books says by when to bring it back.</numerusform>
            <numerusform>{n} of your books are needed by others. My books says by when to bring them back.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Over your limit: {borrowed} of {n} books</source>
        <translation>
            <numerusform>Over your limit: {borrowed} of {n} book</numerusform>
            <numerusform>Over your limit: {borrowed} of {n} books</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} borrowed while we are offline, no more for now</source>
        <translation>
            <numerusform>{n} borrowed while we are offline, no more for now</numerusform>
            <numerusform>{n} borrowed while we are offline, no more for now</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} returned</source>
        <translation>
            <numerusform>{n} returned</numerusform>
            <numerusform>{n} returned</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Returned {n} days late</source>
        <translation>
            <numerusform>Returned {n} day late</numerusform>
            <numerusform>Returned {n} days late</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Returned {n} days late, {fee}</source>
        <translation>
            <numerusform>Returned {n} day late, {fee}</numerusform>
            <numerusform>Returned {n} days late, {fee}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Renew {n}</source>
        <translation>
            <numerusform>Renew {n}</numerusform>
            <numerusform>Renew {n}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books till {due}.</source>
        <translation>
            <numerusform>{n} book till {due}.</numerusform>
            <numerusform>{n} books till {due}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books, the first one till {due}.</source>
        <translation>
            <numerusform>{n} book till {due}.</numerusform>
            <numerusform>{n} books, the first one till {due}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books till about {due}; sent later.</source>
        <translation>
            <numerusform>{n} book till about {due}; sent later.</numerusform>
            <numerusform>{n} books till about {due}; sent later.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} renewed.</source>
        <translation>
            <numerusform>{n} renewed.</numerusform>
            <numerusform>{n} renewed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} returned, thank you.</source>
        <translation>
            <numerusform>{n} returned, thank you.</numerusform>
            <numerusform>{n} returned, thank you.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} not recorded: please leave them here, or take them to the desk.</source>
        <translation>
            <numerusform>{n} not recorded: please leave it here, or take it to the desk.</numerusform>
            <numerusform>{n} not recorded: please leave them here, or take them to the desk.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This screen clears in {n} seconds.</source>
        <translation>
            <numerusform>This screen clears in {n} second.</numerusform>
            <numerusform>This screen clears in {n} seconds.</numerusform>
        </translation>
    </message>
</context>
</TS>
