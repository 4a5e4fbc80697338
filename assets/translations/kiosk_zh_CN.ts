<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>words</name>
    <message>
        <source>d MMMM</source>
        <translation>M月d日</translation>
    </message>
    <message>
        <source>Hold your card here to borrow. Scan books to return them.</source>
        <translation>刷卡借书，扫书即还</translation>
    </message>
    <message>
        <source>Scan the barcode on your card to borrow. Scan books to return them.</source>
        <translation>扫证借书，扫书即还</translation>
    </message>
    <message>
        <source>Scan books to return them. To borrow, please go to the desk.</source>
        <translation>扫书即还，借书请到服务台</translation>
    </message>
    <message>
        <source>Hold your card here to see your books.</source>
        <translation>刷卡查看借阅</translation>
    </message>
    <message>
        <source>Borrow</source>
        <translation>借书</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>还书</translation>
    </message>
    <message>
        <source>My books</source>
        <translation>我的借阅</translation>
    </message>
    <message>
        <source>We are offline. You can borrow and return; it is sent later.</source>
        <translation>离线服务中，借还照常，记录稍后上传</translation>
    </message>
    <message>
        <source>Hold your card to the reader.</source>
        <translation>请将读者证靠近读卡处</translation>
    </message>
    <message>
        <source>Hold your card to the reader for “{title}”.</source>
        <translation>请刷读者证，办理《{title}》</translation>
    </message>
    <message>
        <source>Hold your card to the reader to see your books.</source>
        <translation>请刷读者证，查看我的借阅</translation>
    </message>
    <message>
        <source>Scan the barcode on your card.</source>
        <translation>请扫描读者证上的条码</translation>
    </message>
    <message>
        <source>Looking up your card…</source>
        <translation>正在核对读者证……</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Your PIN, please.</source>
        <translation>请输入密码</translation>
    </message>
    <message>
        <source>Your PIN or password, please.</source>
        <translation>请输入密码</translation>
    </message>
    <message>
        <source>Letters</source>
        <translation>字母</translation>
    </message>
    <message>
        <source>Digits</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>Capitals</source>
        <translation>大写</translation>
    </message>
    <message>
        <source>Nobody else sees it, and it is not kept here.</source>
        <translation>密码不会显示，也不会保存在本机</translation>
    </message>
    <message numerus="yes">
        <source>That was not the PIN. {n} tries left.</source>
        <translation>
            <numerusform>密码不对，还可再试{n}次</numerusform>
        </translation>
    </message>
    <message>
        <source>That was not the PIN. Please try again.</source>
        <translation>密码不对，请再试一次</translation>
    </message>
    <message>
        <source>One moment…</source>
        <translation>请稍候……</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>退格</translation>
    </message>
    <message>
        <source>We do not know this card.</source>
        <translation>没有查到这张卡</translation>
    </message>
    <message>
        <source>Is it your library card? The desk can link it to your account.</source>
        <translation>如果这是您的读者证，请到服务台登记，办好即可使用</translation>
    </message>
    <message>
        <source>That was not the PIN, several times.</source>
        <translation>密码多次输入有误</translation>
    </message>
    <message numerus="yes">
        <source>To protect your account, this card rests for {n} minutes. The desk can help at once.</source>
        <translation>
            <numerusform>为保护您的账户，此卡暂停{n}分钟。急用请到服务台，马上为您办理。</numerusform>
        </translation>
    </message>
    <message>
        <source>We are offline and cannot check this card.</source>
        <translation>离线中，暂时无法核对这张卡</translation>
    </message>
    <message>
        <source>You can return books now. To borrow, please go to the desk.</source>
        <translation>现在可以还书；借书请到服务台</translation>
    </message>
    <message>
        <source>You cannot borrow just now.</source>
        <translation>暂时不能借书</translation>
    </message>
    <message>
        <source>Your card ran out on {since}. The desk renews it.</source>
        <translation>读者证已于{since}到期，请到服务台续期</translation>
    </message>
    <message>
        <source>Your card has run out. The desk renews it.</source>
        <translation>读者证已到期，请到服务台续期</translation>
    </message>
    <message>
        <source>Please speak to the desk about your account.</source>
        <translation>账户情况请到服务台咨询</translation>
    </message>
    <message>
        <source>Fees of {amount} are open. They can be settled at the desk.</source>
        <translation>有{amount}费用待付，可到服务台办理</translation>
    </message>
    <message>
        <source>Fees are open. They can be settled at the desk.</source>
        <translation>有费用待付，可到服务台办理</translation>
    </message>
    <message numerus="yes">
        <source>{n} of your books are overdue. Once they are back you can borrow again.</source>
        <translation>
            <numerusform>有{n}本书已过期，归还后即可再借</numerusform>
        </translation>
    </message>
    <message>
        <source>Some of your books are overdue. Once they are back you can borrow again.</source>
        <translation>有书已过期，归还后即可再借</translation>
    </message>
    <message>
        <source>This card was reported lost. Please take it to the desk.</source>
        <translation>此卡已挂失，请交到服务台</translation>
    </message>
    <message>
        <source>The library needs this one back</source>
        <translation>图书馆需要收回这一册</translation>
    </message>
    <message>
        <source>Overdue since {due}, not renewed</source>
        <translation>{due}已到期，不能续借</translation>
    </message>
    <message>
        <source>Overdue, not renewed</source>
        <translation>已过期，不能续借</translation>
    </message>
    <message>
        <source>Not possible while we are offline</source>
        <translation>离线时不能办理</translation>
    </message>
    <message>
        <source>Offline for too long, only returns for now</source>
        <translation>离线时间较长，目前只能还书</translation>
    </message>
    <message>
        <source>With this card only while we are online</source>
        <translation>离线时不能用这张卡借书</translation>
    </message>
    <message>
        <source>This kind is lent only while we are online</source>
        <translation>离线时不外借这类资料</translation>
    </message>
    <message>
        <source>We cannot check this one while we are offline</source>
        <translation>离线时无法核对这一册</translation>
    </message>
    <message>
        <source>We cannot see this loan while we are offline</source>
        <translation>离线时查不到这次借阅</translation>
    </message>
    <message>
        <source>Yours till {due}, as your card runs out on {since}</source>
        <translation>{due}前归还即可，读者证{since}到期</translation>
    </message>
    <message>
        <source>Please bring it back soon.</source>
        <translation>请尽快归还</translation>
    </message>
    <message>
        <source>Return one of them to borrow another.</source>
        <translation>还一件同类资料，可再借一件</translation>
    </message>
    <message>
        <source>The card reader is not working. The desk can help.</source>
        <translation>读卡器暂时不能使用，请到服务台办理</translation>
    </message>
    <message>
        <source>The scanner is not working. The desk can help.</source>
        <translation>扫描器暂时不能使用，请到服务台办理</translation>
    </message>
    <message>
        <source>That did not work.</source>
        <translation>刚才没有办成</translation>
    </message>
    <message>
        <source>Nothing was changed. Please try again, or go to the desk.</source>
        <translation>没有任何变动。请再试一次，或到服务台办理。</translation>
    </message>
    <message>
        <source>Scan your books one by one.</source>
        <translation>请逐本扫描</translation>
    </message>
    <message numerus="yes">
        <source>{borrowed} of {limit} books, {n} left</source>
        <translation>
            <numerusform>已借{borrowed}/{limit}本，还可借{n}本</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books borrowed</source>
        <translation>
            <numerusform>已借{n}本</numerusform>
        </translation>
    </message>
    <message>
        <source>Your books appear here.</source>
        <translation>扫到的书会显示在这里</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>完成</translation>
    </message>
    <message numerus="yes">
        <source>One moment: {n} books are still being recorded…</source>
        <translation>
            <numerusform>请稍候，还有{n}本正在登记……</numerusform>
        </translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Renew</source>
        <translation>续借</translation>
    </message>
    <message numerus="yes">
        <source>{n} reserved books are ready for you: {shelf}.</source>
        <translation>
            <numerusform>您预约的{n}本书已到：{shelf}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} of your books are needed by others. My books says by when to bring them back.</source>
        <translation>
            <numerusform>您有{n}本书需尽快归还，详见“我的借阅”</numerusform>
        </translation>
    </message>
    <message>
        <source>Recording…</source>
        <translation>正在登记……</translation>
    </message>
    <message>
        <source>Yours till {due}</source>
        <translation>已借，{due}前归还</translation>
    </message>
    <message>
        <source>Yours till about {due}; sent later</source>
        <translation>已借，约{due}前归还，稍后上传</translation>
    </message>
    <message>
        <source>Renewed till {due}</source>
        <translation>已续借至{due}</translation>
    </message>
    <message>
        <source>Renewed till about {due}; sent later</source>
        <translation>已续借至约{due}，稍后上传</translation>
    </message>
    <message>
        <source>Already yours till {due}</source>
        <translation>您已借了这本，{due}前归还</translation>
    </message>
    <message>
        <source>Already yours</source>
        <translation>您已借了这本</translation>
    </message>
    <message>
        <source>Taking it back…</source>
        <translation>正在撤销……</translation>
    </message>
    <message>
        <source>Taken back, not borrowed</source>
        <translation>已撤销，没有借出</translation>
    </message>
    <message>
        <source>Still lent to somebody else</source>
        <translation>仍在其他读者名下</translation>
    </message>
    <message>
        <source>Not for loan</source>
        <translation>仅供馆内阅览</translation>
    </message>
    <message>
        <source>Reserved for somebody</source>
        <translation>已有读者预约</translation>
    </message>
    <message numerus="yes">
        <source>Over your limit: {borrowed} of {n} books</source>
        <translation>
            <numerusform>超出限额：已借{borrowed}本，限借{n}本</numerusform>
        </translation>
    </message>
    <message>
        <source>Over your limit</source>
        <translation>超出限额</translation>
    </message>
    <message>
        <source>Over your limit of this kind: {borrowed} of {limit}</source>
        <translation>这类资料已借{borrowed}件，限借{limit}件</translation>
    </message>
    <message>
        <source>You cannot borrow just now</source>
        <translation>暂时不能借书</translation>
    </message>
    <message>
        <source>We do not know this label</source>
        <translation>没有查到这个条码</translation>
    </message>
    <message>
        <source>We do not know this card any more</source>
        <translation>查不到这张卡了</translation>
    </message>
    <message numerus="yes">
        <source>{n} borrowed while we are offline, no more for now</source>
        <translation>
            <numerusform>离线期间已借{n}本，暂时不能再借</numerusform>
        </translation>
    </message>
    <message>
        <source>Too early to renew: yours till {due}</source>
        <translation>现在续借不会延长，{due}前归还即可</translation>
    </message>
    <message>
        <source>This one costs {fee}</source>
        <translation>外借需付{fee}</translation>
    </message>
    <message>
        <source>This one costs a fee</source>
        <translation>外借需付费</translation>
    </message>
    <message>
        <source>Not possible here</source>
        <translation>此处无法办理</translation>
    </message>
    <message>
        <source>No answer from the catalogue, not recorded</source>
        <translation>系统没有回应，未登记</translation>
    </message>
    <message>
        <source>Not on your account</source>
        <translation>不在您的名下</translation>
    </message>
    <message>
        <source>Cannot be renewed again</source>
        <translation>不能再续借</translation>
    </message>
    <message>
        <source>That did not work, not recorded</source>
        <translation>没有办成，未登记</translation>
    </message>
    <message>
        <source>Please leave it here.</source>
        <translation>请把书留在这里</translation>
    </message>
    <message>
        <source>The desk can help.</source>
        <translation>请到服务台办理</translation>
    </message>
    <message>
        <source>Return one to borrow another.</source>
        <translation>还一本，可再借一本</translation>
    </message>
    <message>
        <source>Return it first, or take it to the desk.</source>
        <translation>请先还书，或到服务台办理</translation>
    </message>
    <message>
        <source>You can renew it.</source>
        <translation>可以续借</translation>
    </message>
    <message>
        <source>Please bring it back by {due}.</source>
        <translation>请在{due}前归还</translation>
    </message>
    <message>
        <source>Please scan it again.</source>
        <translation>请再扫一次</translation>
    </message>
    <message>
        <source>Please put it here: {shelf}</source>
        <translation>请放到：{shelf}</translation>
    </message>
    <message>
        <source>Scan what you bring back.</source>
        <translation>请扫描归还的图书</translation>
    </message>
    <message>
        <source>What you return appears here.</source>
        <translation>归还的书会显示在这里</translation>
    </message>
    <message numerus="yes">
        <source>{n} returned</source>
        <translation>
            <numerusform>已还{n}本</numerusform>
        </translation>
    </message>
    <message>
        <source>Returned, thank you</source>
        <translation>已归还，谢谢</translation>
    </message>
    <message numerus="yes">
        <source>Returned {n} days late</source>
        <translation>
            <numerusform>已归还，过期{n}天</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Returned {n} days late, {fee}</source>
        <translation>
            <numerusform>已归还，过期{n}天，费用{fee}</numerusform>
        </translation>
    </message>
    <message>
        <source>Returned; somebody waits for it</source>
        <translation>已归还，有读者在等这本</translation>
    </message>
    <message>
        <source>Returned; it belongs to {branch}</source>
        <translation>已归还，属于{branch}</translation>
    </message>
    <message>
        <source>Already returned, thank you</source>
        <translation>此前已归还，谢谢</translation>
    </message>
    <message>
        <source>Returned, thank you; sent later</source>
        <translation>已归还，谢谢，稍后上传</translation>
    </message>
    <message>
        <source>Looking it up…</source>
        <translation>正在查询……</translation>
    </message>
    <message>
        <source>This one can be borrowed.</source>
        <translation>这本可以借</translation>
    </message>
    <message>
        <source>This one is on loan. Are you bringing it back?</source>
        <translation>这本已借出，是来还书吗？</translation>
    </message>
    <message>
        <source>This one is reserved. If it is for you, hold your card.</source>
        <translation>这本已有预约，若是您预约的，请刷卡</translation>
    </message>
    <message>
        <source>This one is to be read here.</source>
        <translation>这本仅供馆内阅览</translation>
    </message>
    <message>
        <source>This one is on its way to another branch.</source>
        <translation>这本正要送往其他分馆</translation>
    </message>
    <message>
        <source>We have been missing this one. Thank you for finding it.</source>
        <translation>这本我们找了很久，谢谢您送回来</translation>
    </message>
    <message>
        <source>We do not know this label. The desk can help.</source>
        <translation>未找到此标签对应的图书，请到服务台咨询</translation>
    </message>
    <message>
        <source>Please use another station, or go to the desk.</source>
        <translation>请使用其他自助机，或到服务台办理</translation>
    </message>
    <message>
        <source>That is your card. The label on the book is the one to scan.</source>
        <translation>这是读者证，请扫描图书上的馆藏条码</translation>
    </message>
    <message>
        <source>Are you returning this one, or borrowing it?</source>
        <translation>这本是还，还是借？</translation>
    </message>
    <message>
        <source>Return it</source>
        <translation>还这本</translation>
    </message>
    <message>
        <source>Borrow it</source>
        <translation>借这本</translation>
    </message>
    <message>
        <source>Renew it</source>
        <translation>续借这本</translation>
    </message>
    <message>
        <source>Yours now</source>
        <translation>我的借阅</translation>
    </message>
    <message>
        <source>You have no books at home.</source>
        <translation>您现在没有借书</translation>
    </message>
    <message>
        <source>While we are offline, only what was borrowed here is shown.</source>
        <translation>离线时只显示刚才在这里借的书</translation>
    </message>
    <message>
        <source>Due {due}</source>
        <translation>{due}前归还</translation>
    </message>
    <message>
        <source>Due about {due}; sent later</source>
        <translation>约{due}前归还，稍后上传</translation>
    </message>
    <message>
        <source>Overdue since {due}</source>
        <translation>{due}已到期</translation>
    </message>
    <message numerus="yes">
        <source>Renew {n}</source>
        <translation>
            <numerusform>续借{n}本</numerusform>
        </translation>
    </message>
    <message>
        <source>Renew all</source>
        <translation>全部续借</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>选择</translation>
    </message>
    <message numerus="yes">
        <source>{n} books till {due}.</source>
        <translation>
            <numerusform>已借{n}本，{due}前归还</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books, the first one till {due}.</source>
        <translation>
            <numerusform>已借{n}本，最早一本{due}前归还</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} books till about {due}; sent later.</source>
        <translation>
            <numerusform>已借{n}本，约{due}前归还，稍后上传</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} renewed.</source>
        <translation>
            <numerusform>已续借{n}本</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} returned, thank you.</source>
        <translation>
            <numerusform>已归还{n}本，谢谢</numerusform>
        </translation>
    </message>
    <message>
        <source>See you soon.</source>
        <translation>欢迎再来</translation>
    </message>
    <message numerus="yes">
        <source>{n} not recorded: please leave them here, or take them to the desk.</source>
        <translation>
            <numerusform>有{n}本未登记，请留在这里，或送到服务台</numerusform>
        </translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Still there?</source>
        <translation>还在使用吗？</translation>
    </message>
    <message numerus="yes">
        <source>This screen clears in {n} seconds.</source>
        <translation>
            <numerusform>{n}秒后清空屏幕</numerusform>
        </translation>
    </message>
    <message>
        <source>Yes, go on</source>
        <translation>是的，继续</translation>
    </message>
    <message>
        <source>This station is resting.</source>
        <translation>本机暂停服务</translation>
    </message>
    <message>
        <source>That was the shop’s barcode. The library’s label is the one to scan.</source>
        <translation>刚才扫到的是书店条码，请扫图书馆的条码</translation>
    </message>
    <message>
        <source>That label is not from this library. The desk can help.</source>
        <translation>这不是本馆的条码，请到服务台询问</translation>
    </message>
    <message>
        <source>That could not be read. Hold the label flat and try again.</source>
        <translation>没有读到，请把条码放平再扫一次</translation>
    </message>
    <message>
        <source>This card cannot be read here. Please use your library card.</source>
        <translation>这里读不了这张卡，请使用读者证</translation>
    </message>
    <message>
        <source>Hold the card a little longer.</source>
        <translation>请让卡多停留一会儿</translation>
    </message>
    <message>
        <source>“{title}” is on your list already.</source>
        <translation>《{title}》已经在列表里了</translation>
    </message>
    <message>
        <source>First your PIN, then your books.</source>
        <translation>先输入密码，再扫书</translation>
    </message>
    <message>
        <source>Now hold your card to the reader.</source>
        <translation>现在请刷读者证</translation>
    </message>
    <message>
        <source>Press Finish first, then hold the next card.</source>
        <translation>请先点“完成”，再刷下一张卡</translation>
    </message>
    <message>
        <source>That is not among your books. Press Back to borrow it.</source>
        <translation>这本不在您的借阅里；要借请先点“返回”</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
</context>
</TS>
